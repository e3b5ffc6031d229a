//! What a query divides by. Must not understand more of PromQL than its brackets and signs.

/// What a query that is one quotient divides by: what there is at all.
pub(super) fn divisor(query: &str) -> Option<String> {
    let (mut depth, mut quote, mut found) = (0_usize, None, None);
    for (at, letter) in query.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(letter),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.checked_sub(1)?,
            (None, '/') if depth == 0 && found.is_none() => found = Some(at),
            (None, '/' | '+' | '-' | '*' | '%' | '^' | '<' | '>' | '=' | '!' | '#')
                if depth == 0 =>
            {
                return None;
            }
            (None, _) => {}
        }
    }
    let divisor = query.get(found? + 1..)?.trim();
    let words = [" or ", " and ", " unless "];
    let is_simple = !words.iter().any(|word| query.contains(word));
    let is_aggregated = divisor.contains('(') && divisor.ends_with(')');
    (is_simple && is_aggregated).then(|| divisor.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_quotient_has_a_divisor() {
        let total = "sum(rate(x{path=~\"/a/.*\"}[5m]))";
        assert_eq!(
            divisor(&format!("sum(rate(y[5m])) /\n  {total}")),
            Some(total.to_owned())
        );
        for none in [
            "up",
            "1 - a / sum(b)",
            "a / sum(b) * 100",
            "(a / sum(b))",
            "a / sum(b) or vector(1)",
            "a / 60",
            "a / sum(b) > 1",
        ] {
            assert_eq!(divisor(none), None, "{none}");
        }
    }
}
