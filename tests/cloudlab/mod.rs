//! The stand-in for Google Cloud that drills use: without Docker, on a clock that tests move.

mod api;
mod real_client;
mod replay;

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use runbook::cloudlab::{Answer, Config, Lab, Request, answer};
use serde_json::{Value, json};

use crate::support::transcripts::world;

/// A clock that stands until somebody moves it.
#[derive(Clone)]
struct Hand(Arc<Mutex<DateTime<Utc>>>);

impl Hand {
    fn set(&self, to: DateTime<Utc>) {
        *self.0.lock().unwrap() = to;
    }

    fn pass(&self, seconds: i64) {
        *self.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }
}

/// A lab with the world that the transcripts began with.
fn lab(changes: &Value) -> (Arc<Lab>, Hand) {
    let mut config = json!({
        "lab": "test", "state_dir": "/nonexistent", "project": "acme-prod", "region": "europe-north1",
        "zone": "europe-north1-a", "latency_percent": 100,
    });
    for (key, value) in changes.as_object().into_iter().flatten() {
        config[key] = value.clone();
    }
    let config: Config = serde_json::from_value(config).unwrap();
    let world = world();
    let hand = Hand(Arc::new(Mutex::new(world.now())));
    let time = hand.clone();
    let lab = Lab::new(config, Box::new(move || *time.0.lock().unwrap()), 7).unwrap();
    *lab.world() = world;
    (lab, hand)
}

fn ask(lab: &Arc<Lab>, method: &str, path: &str, body: Value) -> Answer {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    answer(lab, &Request { method: method.to_owned(), path: path.to_owned(), query, body })
}
