//! Layer 3: the pure core `(now, Event) → Commands`, its tokio driver, and the dry run.
