//! Nobody gets in, nothing gets out: the canary, arguments, who may say yes.

mod canary;
mod nest;
mod paths;
mod people;
