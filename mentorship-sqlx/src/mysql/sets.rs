//! One statement for many rows on `MariaDB` and `MySQL`: reads as the arms of one `UNION ALL`, rows of one
//! INSERT, conditions of one UPDATE that writes the same everywhere, and one UPDATE beside a table of the
//! arguments where each row is written its own, unless they are few and cost no round trip.
//!
//! The text depends on how many rows there are. So that a connection keeps few texts, a set goes in pieces
//! of a power of two.

use crate::{
    clause,
    session::Set,
    statement::{Statement, Texts},
    text::Text,
    value::Value,
};

/// Most rows in one statement.
const ROWS: usize = 64;

/// Most rows of a piece of an UPDATE that are better written one by one where that takes no round trip.
const FEW: usize = 4;

/// Some rows of a set as one statement.
pub(super) struct Piece<'s, 'b> {
    pub(super) statement: Statement,
    /// For one row of arguments.
    pub(super) text: Text,
    /// For all of them.
    pub(super) sql: String,
    pub(super) rows: &'s [(usize, &'b [Value])],
}

/// A set in pieces, each of as many rows as fit and have a text in common.
pub(super) fn pieces<'s, 'b>(texts: &Texts, set: &'s Set<'b>) -> Vec<Piece<'s, 'b>> {
    let text = texts.get(set.sql);
    let mut pieces = Vec::new();
    let mut rest = &*set.rows;
    while !rest.is_empty() {
        // The largest power of two that is not larger than what is left.
        let most = rest.len().min(ROWS);
        let many = (most + 1).next_power_of_two() / 2;
        let (sql, many) = match together(&text, many) {
            Some(sql) => (sql, many),
            None => (text.sql.to_string(), 1),
        };
        let (rows, left) = rest.split_at(many);
        pieces.push(Piece { statement: set.sql, text: text.clone(), sql, rows });
        rest = left;
    }
    pieces
}

/// The same for a block, where a statement costs no round trip: few rows that are each written their own go by
/// themselves, since to make a table of their arguments takes the server longer. That may be more statements
/// than were counted when it was asked whether they fit a block, which harms nothing.
pub(super) fn apart<'s, 'b>(pieces: Vec<Piece<'s, 'b>>) -> Vec<Piece<'s, 'b>> {
    let mut all = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let beside =
            clause::update(&piece.text.sql).is_some_and(|(before, _)| before.contains('?'));
        if !beside || !(2..=FEW).contains(&piece.rows.len()) {
            all.push(piece);
            continue;
        }
        let Piece { statement, text, rows, .. } = piece;
        let one = |rows| Piece { statement, text: text.clone(), sql: text.sql.to_string(), rows };
        all.extend(rows.chunks(1).map(one));
    }
    all
}

/// The text for several rows of arguments; `None` if it has to run once for each.
fn together(text: &Text, rows: usize) -> Option<String> {
    let sql = &*text.sql;
    if rows < 2 || !sql.contains('?') {
        return None;
    }
    if let Some((before, values, after)) = clause::insert(sql) {
        // What follows the values must not need arguments of its own.
        let values = vec![format!("({values})"); rows].join(", ");
        return (!after.contains('?')).then(|| format!("{before} VALUES {values}{after}"));
    }
    if let Some((before, condition)) = clause::update(sql) {
        if before.contains('?') {
            return beside_arguments(sql, rows);
        }
        let condition = vec![format!("({condition})"); rows].join(" OR ");
        return Some(format!("{before} WHERE {condition}"));
    }
    // An arm keeps its order only where it has a limit.
    let ordered = !clause::outside(sql, " ORDER BY ").is_empty();
    if ordered && clause::outside(sql, " LIMIT ").is_empty() {
        return None;
    }
    let arms: Vec<String> = (1..=rows).map(|row| arm(sql, row)).collect();
    Some(arms.join(" UNION ALL "))
}

/// An UPDATE of several rows, each with its own arguments: a table of them that is read first, so that the
/// rows are found one after the other by their keys.
fn beside_arguments(sql: &str, rows: usize) -> Option<String> {
    let (table, rest) = sql.strip_prefix("UPDATE ")?.split_once(" SET ")?;
    let mut pieces = rest.split('?');
    let mut update = pieces.next()?.to_owned();
    let mut names = Vec::new();
    for (at, piece) in pieces.enumerate() {
        let name = format!("a{at}");
        update.extend(["k.", &name, piece]);
        names.push(format!("? AS {name}"));
    }
    let first = names.join(", ");
    let others = format!(" UNION ALL SELECT {}", vec!["?"; names.len()].join(", "));
    let arguments = format!("SELECT {first}{}", others.repeat(rows - 1));
    Some(format!("UPDATE ({arguments}) k STRAIGHT_JOIN {table} SET {update}"))
}

/// A query whose rows begin with `number`. One of two sides stays two arms among the others: set apart, it
/// would go through a table of its own, on disk where a document is in it.
fn arm(sql: &str, number: usize) -> String {
    let mut arm = String::new();
    let mut done = 0;
    for at in clause::outside(sql, "SELECT ") {
        let end = at + "SELECT ".len();
        arm.push_str(sql.get(done..end).unwrap_or_default());
        arm.push_str(&number.to_string());
        arm.push_str(" AS n, ");
        done = end;
    }
    arm.push_str(sql.get(done..).unwrap_or_default());
    let stands = |word| !clause::outside(sql, word).is_empty();
    if stands(" UNION ALL ") && !stands(" ORDER BY ") { arm } else { format!("({arm})") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dialect::Dialect, prefix::Prefix};

    /// The rows of each piece of a set of so many rows.
    fn sizes(texts: &Texts, statement: Statement, rows: usize) -> [Vec<Vec<usize>>; 2] {
        let row: Vec<Value> = vec![Value::Null; 64];
        let set =
            Set { sql: statement, rows: (0..rows).map(|place| (place, row.as_slice())).collect() };
        [pieces(texts, &set), apart(pieces(texts, &set))].map(|pieces| {
            for piece in &pieces {
                let alone = piece.rows.len() == 1;
                assert!(!alone || piece.sql == *piece.text.sql, "{}", piece.sql);
            }
            let places =
                |piece: &Piece<'_, '_>| piece.rows.iter().map(|(place, _)| *place).collect();
            pieces.iter().map(places).collect()
        })
    }

    #[test]
    fn few_rows_that_are_each_written_their_own_go_by_themselves_and_in_order() {
        let texts = Texts::new(&Prefix::new("m_").unwrap(), Dialect::Mysql);
        let singly = |rows: usize| (0..rows).map(|place| vec![place]).collect::<Vec<_>>();
        for rows in [1, 2, 3, 4, 7] {
            assert_eq!(sizes(&texts, Statement::PlacesCount, rows)[1], singly(rows), "{rows}");
        }
        let [together, in_a_block] = sizes(&texts, Statement::PlacesCount, 9);
        assert_eq!(together, [(0..8).collect::<Vec<_>>(), vec![8]]);
        assert_eq!(in_a_block, together);
        // What is one statement for many rows without a table of arguments stays one.
        let [together, in_a_block] = sizes(&texts, Statement::CommandPut, 4);
        assert_eq!(together.len(), 1);
        assert_eq!(in_a_block, together);
    }
}
