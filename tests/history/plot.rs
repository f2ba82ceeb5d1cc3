//! The pictures are right: places on the page, turned back into numbers by the ticks that a person reads, are what was recorded.

use std::time::Duration;

use regex::Regex;
use runbook::template::quantity::parse_duration;
use serde_json::Value;

use super::{Drill, drilled, html, json, made};

/// A picture, read back from its markup.
#[derive(Debug)]
struct Picture {
    label: String,
    /// Of the y axis: place and value in ms.
    ticks: Vec<(f64, f64)>,
    /// Place across, place down, words.
    marks: Vec<(f64, f64, String)>,
    /// Places down that the objective's line goes through.
    objective: Vec<f64>,
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

fn pictures(html: &str) -> Vec<Picture> {
    let svg = Regex::new(r#"(?s)<svg class="plot".*?aria-label="([^"]*)">(.*?)</svg>"#).unwrap();
    let tick = Regex::new(r#"class="rule" d="M\S+ ([-\d.]+)H[^>]*/><text class="y"[^>]*>([^<]+)<"#).unwrap();
    let mark = Regex::new(r#"<g transform="translate\(([-\d.]+) ([-\d.]+)\)"><title>([^<]*)</title>"#).unwrap();
    let objective = Regex::new(r#"<path class="objective" d="M\S+ ([-\d.]+)([^"]*)""#).unwrap();
    let steps = Regex::new(r"V([-\d.]+)").unwrap();
    let read = |picture: regex::Captures<'_>| {
        let body = picture[2].to_owned();
        let ticks = tick.captures_iter(&body).map(|it| {
            let value = it[2].strip_suffix(" %").map_or_else(|| millis(&it[2]), |percent| number(percent) * 10.0);
            (number(&it[1]), value)
        });
        let marks = mark.captures_iter(&body).map(|it| (number(&it[1]), number(&it[2]), it[3].to_owned()));
        let line = objective.captures(&body).map_or_else(Vec::new, |it| {
            let turns = steps.captures_iter(&it[2]).map(|turn| number(&turn[1]));
            std::iter::once(number(&it[1])).chain(turns).collect()
        });
        Picture { label: picture[1].to_owned(), ticks: ticks.collect(), marks: marks.collect(), objective: line }
    };
    svg.captures_iter(html).map(read).collect()
}

fn millis(words: &str) -> f64 {
    parse_duration(words).unwrap_or_else(|why| panic!("{words}: {why}")).as_secs_f64() * 1000.0
}

impl Picture {
    /// The value at a place, by the outermost ticks.
    fn value(&self, place: f64) -> f64 {
        let ((y0, v0), (y1, v1)) = (self.ticks[0], *self.ticks.last().unwrap());
        v0 + (place - y0) / (y1 - y0) * (v1 - v0)
    }

    /// What a hundredth of a unit stands for, and as much again for rounding.
    fn precision(&self) -> f64 {
        let ((y0, v0), (y1, v1)) = (self.ticks[0], *self.ticks.last().unwrap());
        0.02 * ((v1 - v0) / (y1 - y0)).abs()
    }

    #[track_caller]
    fn is_at(&self, place: f64, ms: f64) {
        let shown = self.value(place);
        assert!((shown - ms).abs() <= self.precision(), "{}: {shown} is not {ms}", self.label);
    }
}

fn of<'p>(pictures: &'p [Picture], label: &str) -> &'p Picture {
    pictures.iter().find(|picture| picture.label.starts_with(label)).unwrap_or_else(|| panic!("no {label}"))
}

#[test]
fn every_mark_stands_where_its_number_is() {
    let workspace = made(90, 20);
    let pictures = pictures(&html(&workspace));
    let history = json(&workspace, &[]);
    let mut compared = 0;
    for trend in history["trends"].as_array().unwrap() {
        let place = format!("{}/{}", trend["system"].as_str().unwrap(), trend["environment"].as_str().unwrap());
        for (name, figure) in [("Recovery time", "recovery"), ("Data loss", "loss")] {
            let Some(points) = trend[figure]["points"].as_array() else { continue };
            let picture = of(&pictures, &format!("{name} of {} on {place}", trend["scenario"].as_str().unwrap()));
            for point in points {
                let id = point["id"].as_str().unwrap();
                let mark = picture.marks.iter().find(|(_, _, words)| words.contains(id)).unwrap();
                picture.is_at(mark.1, point["ms"].as_f64().unwrap());
                compared += 1;
            }
            // What was not recovered is there, too, below the picture.
            let in_picture = |(_, y, _): &&(f64, f64, String)| *y <= picture.ticks[0].0 + 0.01;
            assert_eq!(picture.marks.iter().filter(in_picture).count(), points.len(), "{}", picture.label);
            assert_eq!(picture.marks.len() as u64, trend["count"].as_u64().unwrap(), "{}", picture.label);
        }
    }
    assert!(compared > 100, "only {compared} marks");
}

#[test]
fn marks_are_in_proportion_to_time() {
    let workspace = drilled(&[Drill::new(1), Drill::new(2), Drill::new(5), Drill::new(11)]);
    let pictures = pictures(&html(&workspace));
    let marks = &of(&pictures, "Recovery time").marks;
    let across: Vec<f64> = marks.iter().map(|(x, ..)| *x).collect();
    let day = (across[3] - across[0]) / 10.0;
    for (at, days) in [(1, 1.0), (2, 4.0), (3, 10.0)] {
        assert!((across[at] - across[0] - days * day).abs() < 0.02, "{across:?}");
    }
}

#[test]
fn the_objective_is_a_line_at_its_value_also_where_it_changed() {
    let stricter = |number: u64| Drill { rto_ms: 45_000, verdict: Some("objective missed"), ..Drill::new(number) };
    let workspace = drilled(&[Drill::new(1), Drill::new(2), stricter(9), stricter(10)]);
    let pictures = pictures(&html(&workspace));
    let picture = of(&pictures, "Recovery time");
    assert_eq!(picture.objective.len(), 2, "{picture:?}");
    picture.is_at(picture.objective[0], 60_000.0);
    picture.is_at(picture.objective[1], 45_000.0);
    let loss = of(&pictures, "Data loss");
    loss.is_at(loss.objective[0], 5_000.0);
}

#[test]
fn an_objective_far_above_all_is_said_and_not_drawn() {
    let far = Drill { rto_ms: 4 * 3_600_000, ..Drill::new(1) };
    let page = html(&drilled(&[far]));
    assert!(of(&pictures(&page), "Recovery time").objective.is_empty());
    assert!(page.contains("RTO 4h, above this picture"), "{page}");
}

#[test]
fn waiting_for_people_is_a_share_of_the_recovery() {
    let waited = Drill { people_ms: 10_000, recovery_ms: Some(40_000), ..Drill::new(1) };
    let workspace = drilled(&[waited, Drill { recovery_ms: Some(50_000), ..Drill::new(2) }]);
    let page = html(&workspace);
    let pictures = pictures(&page);
    let share = of(&pictures, "Waiting for people");
    share.is_at(share.marks[0].1, 250.0);
    share.is_at(share.marks[1].1, 0.0);
    assert!(share.marks[0].2.contains("10s of 40s waiting for people (25 %)"), "{share:?}");
    // Below the mark of the recovery, the part without people.
    let recovery = of(&pictures, "Recovery time");
    let line = Regex::new(r#"class="wait" d="M\d\d[\d.]+ ([-\d.]+)V([-\d.]+)""#).unwrap();
    let wait = line.captures(&page).unwrap();
    recovery.is_at(number(&wait[1]), 40_000.0);
    recovery.is_at(number(&wait[2]), 30_000.0);
}

#[test]
fn pictures_of_any_numbers_can_be_read_back() {
    for (base, step) in [(1, 1), (900, 37), (61_000, 3_000), (3_600_000, 600_000), (90_000_000, 7_000_000)] {
        let drills: Vec<Drill> = (1..6)
            .map(|number| Drill { recovery_ms: Some(base + number * step), rto_ms: base * 2, ..Drill::new(number) })
            .collect();
        let workspace = drilled(&drills);
        let pictures = pictures(&html(&workspace));
        let picture = of(&pictures, "Recovery time");
        for (drill, mark) in drills.iter().zip(&picture.marks) {
            picture.is_at(mark.1, Duration::from_millis(drill.recovery_ms.unwrap()).as_secs_f64() * 1000.0);
        }
    }
}

#[test]
fn the_numbers_of_the_schema_are_those_of_the_table() {
    let workspace = drilled(&[1, 2, 3, 4, 5].map(Drill::new));
    let recovery = &json(&workspace, &[])["trends"][0]["recovery"];
    let figure = |name: &str| recovery[name].as_u64().unwrap();
    assert_eq!(
        ["last_ms", "p50_ms", "p90_ms", "best_ms", "worst_ms"].map(figure),
        [45_000, 43_000, 45_000, 41_000, 45_000]
    );
    assert_eq!(recovery["met"], Value::from(5));
    let ran = workspace.runbook(["history"]).run().exits(0);
    let _ = ran.says("45s").says("43s").says("5/5 RTO 1m");
}
