//! The scenarios' shapes.

