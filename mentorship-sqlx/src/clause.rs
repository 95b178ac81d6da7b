//! Where the clauses of this crate's own SQL texts begin, for writing one statement for many rows.

/// Where a word stands outside of any parentheses. Texts of this crate hold no string with a parenthesis.
pub(crate) fn outside(sql: &str, word: &str) -> Vec<usize> {
    let mut depth = 0_i32;
    let mut found = Vec::new();
    for (at, byte) in sql.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 && sql.get(at..).is_some_and(|rest| rest.starts_with(word)) {
            found.push(at);
        }
    }
    found
}

/// What an INSERT of one row is made of: up to its values, the values without their parentheses, and what
/// follows them.
pub(crate) fn insert(sql: &str) -> Option<(&str, &str, &str)> {
    if !sql.starts_with("INSERT ") {
        return None;
    }
    let at = outside(sql, " VALUES (").into_iter().next()?;
    let (before, values) = sql.split_at(at);
    let values = values.strip_prefix(" VALUES ")?;
    let end = outside(values, ")").into_iter().next()?;
    Some((before, values.get(1..end)?, values.get(end + 1..)?))
}

/// What an UPDATE is made of: up to its condition, and the condition.
pub(crate) fn update(sql: &str) -> Option<(&str, &str)> {
    if !sql.starts_with("UPDATE ") {
        return None;
    }
    let at = *outside(sql, " WHERE ").last()?;
    Some((sql.get(..at)?, sql.get(at + " WHERE ".len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_are_found_outside_of_parentheses() {
        let sql =
            "INSERT INTO t (a, b) VALUES (?, (SELECT x FROM u WHERE y = ?)) ON CONFLICT DO NOTHING";
        let (before, values, after) = insert(sql).unwrap();
        assert_eq!(before, "INSERT INTO t (a, b)");
        assert_eq!(values, "?, (SELECT x FROM u WHERE y = ?)");
        assert_eq!(after, " ON CONFLICT DO NOTHING");
        let sql = "UPDATE t SET a = (SELECT x FROM u WHERE y = ?) WHERE k = ? AND (b OR c)";
        let (before, condition) = update(sql).unwrap();
        assert_eq!(before, "UPDATE t SET a = (SELECT x FROM u WHERE y = ?)");
        assert_eq!(condition, "k = ? AND (b OR c)");
        assert!(insert("SELECT 1").is_none() && update("DELETE FROM t WHERE k = 1").is_none());
    }
}
