//! SQL texts rendered from constants: names in braces become what a database and a store's prefix make of
//! them, `?` and `?2` become arguments in their order.

use std::sync::Arc;

use crate::{dialect::Dialect, prefix::Prefix, table::TABLES};

/// A rendered text: SQL with `?` for each argument, and which argument each `?` stands for.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) sql: Arc<str>,
    /// Numbers of the arguments from 0, in the order of the text; `None` if they come one by one.
    pub(crate) order: Option<Arc<[usize]>>,
}

impl Text {
    /// The text with each argument, numbered from 0, as `name` writes it.
    #[cfg(feature = "postgres")]
    pub(crate) fn named(&self, name: impl Fn(usize) -> String) -> String {
        let mut pieces = self.sql.split('?');
        let mut named = pieces.next().unwrap_or_default().to_owned();
        for (place, piece) in pieces.enumerate() {
            let order = self.order.as_deref().and_then(|order| order.get(place));
            named.push_str(&name(order.copied().unwrap_or(place)));
            named.push_str(piece);
        }
        named
    }

    /// The arguments in the order in which the text wants them.
    #[cfg(any(feature = "sqlite", feature = "mysql"))]
    pub(crate) fn ordered<'a, T>(&self, args: &'a [T]) -> Vec<&'a T> {
        match &self.order {
            None => args.iter().collect(),
            Some(order) => order.iter().filter_map(|at| args.get(*at)).collect(),
        }
    }
}

/// What a name in braces becomes; unknown names stay as they are, which no database accepts and a test
/// finds. `next` counts the arguments so far.
fn expand(name: &str, prefix: &Prefix, dialect: Dialect, next: &mut usize) -> Option<String> {
    if name == "p" {
        return Some(prefix.to_string());
    }
    if let Some(word) = dialect.word(name) {
        return Some(word.to_owned());
    }
    if let Some(columns) = name.strip_prefix("after ") {
        let columns: Vec<&str> = columns.split(", ").collect();
        let text = dialect.after(&columns, *next + 1);
        *next += columns.len();
        return Some(text);
    }
    if let Some(column) = name.strip_prefix("keep ") {
        return Some(dialect.keep(column));
    }
    if let Some(field) = name.strip_prefix("field ") {
        let (document, path) = field.split_once(' ')?;
        return Some(dialect.field(document, path));
    }
    if let Some(text) = name.strip_prefix("parsed id ") {
        return Some(dialect.parsed_id(text));
    }
    if let Some(index) = name.strip_prefix("by ") {
        return Some(dialect.by(index));
    }
    if let Some(column) = name.strip_prefix("first ") {
        let partial = dialect.has_partial_indexes();
        return Some(if partial { String::new() } else { format!("{column}, ") });
    }
    if let Some(condition) = name.strip_prefix("only ") {
        let partial = dialect.has_partial_indexes();
        return Some(if partial { format!(" WHERE {condition}") } else { String::new() });
    }
    let (how, table) = name.split_once(':').unwrap_or(("", name));
    let (_, table) = TABLES.iter().find(|(known, _)| *known == table)?;
    Some(match how {
        "insert" => table.insert(),
        "update" => table.update(dialect),
        "upsert" => format!("{} {}", table.insert(), dialect.upsert(table.keys, table.columns)),
        alias => table.list(alias),
    })
}

/// Renders a constant with the names above.
pub(crate) fn render(template: &str, prefix: &Prefix, dialect: Dialect) -> Text {
    let (mut sql, mut order, mut next) = (String::new(), Vec::new(), 0);
    // What is still to be read, first at the end: what a name becomes may hold names and `?` itself.
    let mut rest = vec![template.to_owned()];
    while let Some(text) = rest.pop() {
        let Some(at) = text.find(['{', '?']) else {
            sql.push_str(&text);
            continue;
        };
        let (before, found) = text.split_at(at);
        sql.push_str(before);
        if let Some(after) = found.strip_prefix('?') {
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = after.split_at(digits);
            let argument = number.parse().unwrap_or_else(|_| {
                next += 1;
                next
            });
            sql.push('?');
            order.push(argument - 1);
            rest.push(after.to_owned());
        } else if let Some((name, after)) = found[1..].split_once('}') {
            rest.push(after.to_owned());
            match expand(name, prefix, dialect, &mut next) {
                Some(expanded) => rest.push(expanded),
                None => sql.extend(["{", name, "}"]),
            }
        } else {
            sql.push_str(found);
        }
    }
    let in_turn = order.iter().enumerate().all(|(place, argument)| place == *argument);
    Text { sql: sql.into(), order: (!in_turn).then(|| order.into()) }
}
