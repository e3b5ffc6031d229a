//! Times and values as Prometheus writes them → milliseconds and floats, exactly.
//!
//! Must not accept what Prometheus never sends: a misread value could become a GO.

use crate::units::Instant;

/// No time has more digits of whole seconds than this (the year 5138 has 12).
const MAX_SECOND_DIGITS: usize = 13;

/// Reads `[-]digits[.digits]` seconds, rounded to the nearest millisecond.
#[must_use]
pub fn time(text: &[u8]) -> Option<Instant> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    let whole = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (seconds, fraction) = digits.split_at_checked(whole)?;
    if whole == 0 || whole > MAX_SECOND_DIGITS || (whole > 1 && seconds.starts_with(b"0")) {
        return None;
    }
    let seconds = seconds.iter().copied().fold(0_i64, append_digit);
    let millis = seconds * 1000 + fraction_millis(fraction)?;
    Some(Instant::from_millis(if negative {
        -millis
    } else {
        millis
    }))
}

/// `.digits`, or nothing, in milliseconds.
fn fraction_millis(fraction: &[u8]) -> Option<i64> {
    let Some((point, digits)) = fraction.split_first() else {
        return Some(0);
    };
    if *point != b'.' || digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |position: usize| i64::from(digits.get(position).map_or(0, |byte| byte - b'0'));
    let millis = digit(0) * 100 + digit(1) * 10 + digit(2);
    Some(millis + i64::from(digit(3) >= 5))
}

fn append_digit(number: i64, digit: u8) -> i64 {
    number * 10 + i64::from(digit - b'0')
}

/// Reads a sample's value: a decimal, with or without exponent, `NaN`, `+Inf`, `Inf` or `-Inf`.
/// A decimal that no 64-bit float can hold is refused, not made infinite.
#[must_use]
pub fn value(text: &[u8]) -> Option<f64> {
    match text {
        b"NaN" => return Some(f64::NAN),
        b"+Inf" | b"Inf" => return Some(f64::INFINITY),
        b"-Inf" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let framed = digits.first().is_some_and(u8::is_ascii_digit)
        && digits.last().is_some_and(u8::is_ascii_digit);
    if !framed {
        return None;
    }
    // Anything else that begins and ends with a digit (`1_0`, `0x1`, `1 0`) is refused by the parser itself.
    let number: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_exactly() {
        let cases: [(&str, Option<i64>); 15] = [
            ("1795132800", Some(1_795_132_800_000)),
            ("1795132798.500", Some(1_795_132_798_500)),
            ("1795132798.001", Some(1_795_132_798_001)),
            ("1795132798.5", Some(1_795_132_798_500)),
            ("0.0004", Some(0)),
            ("0.0005", Some(1)),
            ("0.9996", Some(1000)),
            ("-1.5", Some(-1500)),
            ("", None),
            ("-", None),
            ("1.", None),
            ("01", None),
            (".5", None),
            ("1e9", None),
            ("99999999999999", None),
        ];
        for (text, millis) in cases {
            assert_eq!(time(text.as_bytes()).map(Instant::millis), millis, "{text}");
        }
    }

    #[test]
    fn only_values_that_prometheus_sends_are_values() {
        assert_eq!(
            value(b"0.04666666666666667"),
            Some(0.046_666_666_666_666_67)
        );
        assert_eq!(value(b"1e-07"), Some(1e-7));
        assert_eq!(value(b"1e+21"), Some(1e21));
        assert_eq!(value(b"-0").map(f64::to_bits), Some((-0.0_f64).to_bits()));
        assert_eq!(value(b"+Inf"), Some(f64::INFINITY));
        assert_eq!(value(b"-Inf"), Some(f64::NEG_INFINITY));
        assert!(value(b"NaN").is_some_and(f64::is_nan));
        for bad in [
            "",
            "-",
            "1e400",
            "-1e400",
            "nan",
            "inf",
            "infinity",
            "0x1F",
            "1_000",
            " 1",
            "1 ",
            "+1",
            ".5",
            "5.",
            "1e",
            "--1",
            "1,5",
            "1\u{660}1",
        ] {
            assert_eq!(value(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_float_comes_back_from_its_own_text(bits in proptest::num::u64::ANY) {
            let number = f64::from_bits(bits);
            proptest::prop_assume!(number.is_finite());
            proptest::prop_assert_eq!(value(number.to_string().as_bytes()).map(f64::to_bits), Some(bits));
            proptest::prop_assert_eq!(value(format!("{number:e}").as_bytes()).map(f64::to_bits), Some(bits));
        }
        #[test]
        fn every_millisecond_comes_back_from_its_own_text(millis in 0_i64..100_000_000_000_000) {
            let at = Instant::from_millis(millis);
            proptest::prop_assert_eq!(time(at.unix().as_bytes()), Some(at));
        }
        #[test]
        fn no_text_panics(text in proptest::collection::vec(proptest::num::u8::ANY, 0..24)) {
            let _ = (time(&text), value(&text));
        }
    }
}
