//! PostgreSQL as its clients see it. Texts are recorded from PostgreSQL 15.

mod anything;
mod clients;
mod dumps;
mod recovery;
mod shipped;
mod sql;
mod starts;
