//! Where a graph lies, whatever its shape: nothing lies on anything else, and no line goes through what it does not join.

use proptest::prelude::*;
use runbook::report::graph::layout::{Frame, Joins, Knot, Layout, Spot, layout};

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 22.0;

/// A list in which each waits for some of those before it; some are boxes, some have a fallback.
fn list(depth: u32) -> BoxedStrategy<Vec<Knot>> {
    let inner = if depth == 0 { Just(None).boxed() } else { prop::option::weighted(0.3, list(depth - 1)).boxed() };
    let fallback = if depth == 0 { Just(None).boxed() } else { prop::option::weighted(0.1, list(0)).boxed() };
    let knot = (inner, fallback, prop::collection::vec(any::<prop::sample::Index>(), 0..4));
    prop::collection::vec(knot, 1..8)
        .prop_map(|knots| {
            let mut list: Vec<Knot> = Vec::new();
            let mut steps: Vec<usize> = Vec::new();
            for (inner, fallback, before) in knots {
                let mut after: Vec<usize> =
                    before.iter().filter(|_| !steps.is_empty()).map(|index| steps[index.index(steps.len())]).collect();
                after.sort_unstable();
                after.dedup();
                steps.push(list.len());
                list.push(Knot { after, inner, ..Knot::default() });
                if let Some(fallback) = fallback {
                    list.push(Knot { beside: Some(list.len() - 1), inner: Some(fallback), ..Knot::default() });
                }
            }
            list
        })
        .boxed()
}

/// Gives every knot its key, outer ones first; and says in which boxes each lies.
fn number(list: &mut [Knot], around: &[usize], boxes: &mut Vec<Vec<usize>>) {
    for knot in list {
        knot.key = boxes.len();
        boxes.push(around.to_vec());
        if let Some(inner) = &mut knot.inner {
            let mut around = around.to_vec();
            around.push(knot.key);
            number(inner, &around, boxes);
        }
    }
}

/// A piece of a line with its joined keys.
type Piece = ((f64, f64), (f64, f64), Vec<usize>);

fn pieces(laid: &Layout) -> Vec<Piece> {
    let joined = |joins| match joins {
        Joins::Edge(a, b) | Joins::End(a, b) | Joins::Beside(a, b) => vec![a, b],
        Joins::Begin(owner, to) => owner.into_iter().chain([to]).collect(),
        Joins::Past(group) => vec![group],
    };
    let of = |points: &[(f64, f64)], joined: &Vec<usize>| -> Vec<Piece> {
        points.windows(2).map(|pair| (pair[0], pair[1], joined.clone())).collect()
    };
    laid.lines.iter().flat_map(|line| of(&line.points, &joined(line.joins))).collect()
}

fn crosses(frame: &Frame, (a, b): ((f64, f64), (f64, f64))) -> bool {
    let (left, right) = (a.0.min(b.0), a.0.max(b.0));
    let (top, bottom) = (a.1.min(b.1), a.1.max(b.1));
    left < frame.right - 0.5 && right > frame.left + 0.5 && top < frame.bottom - 0.5 && bottom > frame.top + 0.5
}

fn is_on(spot: &Spot, (a, b): ((f64, f64), (f64, f64))) -> bool {
    let (left, right) = (a.0.min(b.0) - 1.0, a.0.max(b.0) + 1.0);
    let (top, bottom) = (a.1.min(b.1) - 1.0, a.1.max(b.1) + 1.0);
    (left..right).contains(&spot.x) && (top..bottom).contains(&spot.y)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn lines_keep_out_of_what_they_do_not_join(mut list in list(2)) {
        let mut boxes = Vec::new();
        number(&mut list, &[], &mut boxes);
        let laid = layout(&list, WIDTH, &mut |_, _| HEIGHT);
        for (from, to, joined) in pieces(&laid) {
            // What a line joins, and the boxes around that.
            let is_near = |key: &usize| joined.contains(key) || joined.iter().any(|one| boxes[*one].contains(key));
            for (key, spot) in laid.spots.iter().enumerate().filter(|(key, _)| !is_near(key)) {
                prop_assert!(!is_on(spot, (from, to)), "a line of {joined:?} runs over {key} in {list:?}");
                if let Some(frame) = &spot.frame {
                    prop_assert!(!crosses(frame, (from, to)), "a line of {joined:?} crosses box {key} in {list:?}");
                }
            }
        }
    }

    #[test]
    fn rows_and_boxes_lie_one_below_the_other(mut list in list(2)) {
        let mut boxes = Vec::new();
        number(&mut list, &[], &mut boxes);
        let laid = layout(&list, WIDTH, &mut |_, room| { assert!(room > 100.0); HEIGHT });
        let mut rows: Vec<(f64, f64)> = laid.spots.iter().map(|spot| (spot.top, spot.bottom)).collect();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        prop_assert!(rows.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{rows:?}");
        for (key, spot) in laid.spots.iter().enumerate() {
            prop_assert!(spot.x > 0.0 && spot.right <= WIDTH && spot.bottom <= laid.height);
            for outer in &boxes[key] {
                let around = laid.spots[*outer].frame.unwrap();
                let own = spot.frame.unwrap_or(Frame { left: spot.x - 8.0, top: spot.top, right: spot.right, bottom: spot.bottom });
                prop_assert!(own.left > around.left && own.right <= around.right, "{key} reaches out of {outer}");
                prop_assert!(own.top > around.top && own.bottom < around.bottom, "{key} reaches out of {outer}");
            }
        }
        prop_assert!(laid.cuts.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", laid.cuts);
    }
}

/// On one line of the drawing.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.01
}

#[test]
fn steps_one_behind_the_other_stand_on_one_line_and_others_beside_it() {
    let step = |key, after: &[usize]| Knot { key, after: after.to_vec(), ..Knot::default() };
    let laid = layout(&[step(0, &[]), step(1, &[0]), step(2, &[1])], WIDTH, &mut |_, _| HEIGHT);
    assert!(laid.spots.iter().all(|spot| same(spot.x, laid.spots[0].x)));
    // Ten at once between two others: three lanes.
    let mut list = vec![step(0, &[])];
    list.extend((1..=10).map(|key| step(key, &[0])));
    list.push(step(11, &(1..=10).collect::<Vec<_>>()));
    let laid = layout(&list, WIDTH, &mut |_, _| HEIGHT);
    assert!(same(laid.spots[0].x, laid.spots[11].x));
    assert!((1..=10).all(|at| same(laid.spots[at].x, laid.spots[1].x) && laid.spots[at].x > laid.spots[0].x));
    let right = laid.lines.iter().flat_map(|line| &line.points).map(|(x, _)| *x).fold(0.0, f64::max);
    assert!(right - laid.spots[0].x < 45.0, "{right}");
}
