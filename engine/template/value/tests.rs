//! Values: text forms, JSON both ways, messages.

use super::*;
use crate::template::quantity::parse_timestamp;

#[test]
fn text_forms_are_exact_and_containers_have_none() {
    let at = parse_timestamp("2026-03-01 14:05:00 +02:00").unwrap();
    for (value, expected) in [
        (Value::from(true), Some("true")),
        (Value::from(0), Some("0")),
        (Value::from(1.5), Some("1.5")),
        (Value::from("a b"), Some("a b")),
        (duration(Duration::from_millis(5_400_250)), Some("1h30m250ms")),
        (duration(Duration::ZERO), Some("0s")),
        (timestamp(at), Some("2026-03-01T14:05:00+02:00")),
        (bytes(65_536), Some("65536")),
        (Value::from(()), None),
        (Value::from(vec![1]), None),
        (secret("x"), None),
        (unknown("x"), None),
        (Value::UNDEFINED, None),
    ] {
        assert_eq!(text(&value).as_deref(), expected, "{value:?}");
    }
}

#[test]
fn json_reads_back_and_data_from_outside_means_nothing() {
    let at = parse_timestamp("2026-03-01 14:05:00.250 +02:00").unwrap();
    let outside =
        serde_json::json!({ "$secret": "db", "$duration_ms": 5, "plain": [1, -2, 1.5, null, true, u64::MAX] });
    let lone = serde_json::json!({ "$duration_ms": 5 });
    for value in [
        duration(Duration::from_secs(5)),
        timestamp(at),
        bytes(7),
        Own::Version(Version::parse("1.2.3").unwrap()).value(),
        from_plain_json(&outside),
        from_plain_json(&lone),
    ] {
        let back = from_json(&to_json(&value));
        assert_eq!(kind(&back), kind(&value));
        assert_eq!(back, value);
    }
    assert_eq!(kind(&from_plain_json(&lone)), "mapping");
    assert_eq!(to_plain_json(&from_plain_json(&outside)), outside);
    assert_eq!(to_json(&secret("db")), serde_json::json!("***"));
    assert_eq!(kind(&from_json(&serde_json::json!({ "$secret": "db" }))), "mapping");
}

#[test]
fn messages_are_short_escaped_and_never_hold_a_secret() {
    assert_eq!(show(&Value::from("a\u{1b}[2J\n\u{202e}b")), r"'a\u{1b}[2J\n\u{202e}b'");
    assert!(show(&Value::from("x".repeat(5_000))).chars().count() < 90);
    assert!(show(&(0..5_000).collect::<Value>()).chars().count() < 100);
    let list = Value::from(vec![secret("db"), Value::from("a"), Value::from(true)]);
    assert_eq!(show(&list), "[***, 'a', true]");
    assert!(!format!("{list:?}{list}").contains("db"));
}

#[test]
fn own_kinds_order_among_themselves() {
    let later = timestamp(parse_timestamp("2026-03-01T13:00:00Z").unwrap());
    let earlier = timestamp(parse_timestamp("2026-03-01T14:00:00+02:00").unwrap());
    assert!(earlier < later);
    assert!(duration(Duration::from_mins(5)) < duration(Duration::from_mins(10)));
    assert_ne!(bytes(5), duration(Duration::from_secs(5)));
}
