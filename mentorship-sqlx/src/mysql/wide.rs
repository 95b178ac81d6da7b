//! Reads of several kinds as one statement: the arms of one `UNION ALL` that has a column for each name, so
//! that a batch is opened, optimized and answered once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use mentorship_core::store::StoreError;
use sqlx::mysql::MySqlRow;

use super::{batch::value_at, block};
use crate::{
    clause,
    session::Set,
    statement::{Statement, Texts},
    value::{Row, Value, corrupt},
};

/// Most rows of arguments for all statements together.
const ROWS: usize = 64;

/// Most texts that are kept. Views are of a handful of forms.
const KEPT: usize = 256;

/// Statements in their order, each with how many rows of arguments it has.
type Shape = Vec<(Statement, usize)>;

/// One statement for all of them.
#[derive(Debug)]
pub(super) struct Wide {
    pub(super) sql: String,
    /// For each statement, where its columns stand in a row.
    places: Vec<Vec<usize>>,
}

/// Those that were made before.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<Shape, Option<Arc<Wide>>>>);

/// The statement for some sets; `None` if there are none, or too many, or if they cannot be put together.
pub(super) fn together(texts: &Texts, sets: &[Set<'_>]) -> Option<Arc<Wide>> {
    let rows = sets.iter().map(|set| set.rows.len());
    if sets.is_empty() || rows.clone().sum::<usize>() > ROWS || rows.max() > Some(block::ROWS) {
        return None;
    }
    let shape: Shape = sets.iter().map(|set| (set.sql, set.rows.len())).collect();
    let mut kept = texts.wide.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.get(&shape) {
        return known.clone();
    }
    let made = Wide::of(texts, &shape).map(Arc::new);
    if kept.len() < KEPT {
        kept.insert(shape, made.clone());
    }
    made
}

/// What a SELECT gives, without the alias of its table, and what follows.
fn columns(select: &str) -> (Vec<&str>, &str) {
    let end = clause::outside(select, " FROM ").first().copied().unwrap_or(select.len());
    let (list, rest) = select.split_at(end);
    let mut all = Vec::new();
    let mut start = 0;
    for at in clause::outside(list, ", ") {
        all.extend(list.get(start..at));
        start = at + ", ".len();
    }
    all.extend(list.get(start..));
    (all, rest)
}

/// The name of a column, which has one type wherever it stands; all of an expression.
fn name(column: &str) -> &str {
    let plain = column.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
    column.rsplit_once('.').filter(|_| plain).map_or(column, |(_, name)| name)
}

/// The SELECTs of a statement, each without the word. `None` where an order is that of all of them.
fn selects(sql: &str) -> Option<Vec<&str>> {
    let all: Vec<&str> = sql.strip_prefix("SELECT ")?.split(" UNION ALL SELECT ").collect();
    let whole = clause::outside(sql, " UNION ALL ").len() + 1 == all.len();
    let ordered = !clause::outside(sql, " ORDER BY ").is_empty();
    (whole && (all.len() == 1 || !ordered)).then_some(all)
}

impl Wide {
    fn of(texts: &Texts, shape: &Shape) -> Option<Self> {
        let known: Vec<_> = shape.iter().map(|(statement, _)| texts.get(*statement).sql).collect();
        let known = known.iter().map(|sql| selects(sql)).collect::<Option<Vec<_>>>()?;
        // A column of one name for all that have one, and a second one where a statement has two.
        let mut width: Vec<(&str, usize)> = Vec::new();
        let mut places = Vec::with_capacity(shape.len());
        for selects in &known {
            let (listed, _) = columns(selects.first()?);
            let mut met: HashMap<&str, usize> = HashMap::new();
            let mut place = |column| {
                let times = met.entry(name(column)).or_default();
                let column = (name(column), *times);
                *times += 1;
                let at = width.iter().position(|it| *it == column);
                at.unwrap_or_else(|| {
                    width.push(column);
                    width.len() - 1
                })
            };
            places.push(listed.into_iter().map(&mut place).collect::<Vec<_>>());
        }
        let mut arms = Vec::new();
        let mut number = 0;
        for ((selects, places), (_, rows)) in known.iter().zip(&places).zip(shape) {
            for _ in 0..*rows {
                number += 1;
                for select in selects {
                    let (listed, rest) = columns(select);
                    let mut cells = vec!["NULL"; width.len()];
                    for (place, column) in places.iter().zip(listed) {
                        *cells.get_mut(*place)? = column;
                    }
                    arms.push(format!("(SELECT {number}, {}{rest})", cells.join(", ")));
                }
            }
        }
        Some(Self { sql: arms.join(" UNION ALL "), places })
    }

    /// Gives each statement of a batch of `asked` its rows.
    pub(super) fn spread(
        &self,
        sets: &[Set<'_>],
        asked: usize,
        found: &[MySqlRow],
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        let numbered: Vec<(usize, &[usize])> = sets
            .iter()
            .zip(&self.places)
            .flat_map(|(set, places)| set.rows.iter().map(|(place, _)| (*place, &**places)))
            .collect();
        let mut all = vec![Vec::new(); asked];
        for row in found {
            let Value::Int(number) = value_at(row, 0)? else { return Err(corrupt("row")) };
            let at = usize::try_from(number - 1).ok().and_then(|at| numbered.get(at));
            let (asked, places) = at.ok_or_else(|| corrupt("row"))?;
            let values = places.iter().map(|place| value_at(row, place + 1));
            let rows = all.get_mut(*asked).ok_or_else(|| corrupt("row"))?;
            rows.push(values.collect::<Result<Row, StoreError>>()?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        dialect::Dialect, prefix::Prefix, schema::MIGRATIONS, session::Batch, table::TABLES,
    };

    fn texts() -> Texts {
        Texts::new(&Prefix::new("m_").unwrap(), Dialect::Mysql)
    }

    /// What a column holds, as far as a UNION would make one of two.
    fn kind(rest: &str) -> &'static str {
        match rest.split([' ', '(', ',']).next().unwrap() {
            "BIGINT" => "number",
            "BINARY" => "id",
            "VARBINARY" | "VARCHAR" | "TEXT" | "LONGTEXT" => "text",
            other => panic!("{other}"),
        }
    }

    #[test]
    fn columns_of_one_name_hold_the_same_kind_of_value() {
        let mut kinds: BTreeMap<String, (&str, String)> = BTreeMap::new();
        let (prefix, dialect) = (Prefix::new("m_").unwrap(), Dialect::Mysql);
        let made = MIGRATIONS.iter().flat_map(|it| it.statements(&prefix, dialect));
        for text in made {
            let Some(rest) = text.strip_prefix("CREATE TABLE m_") else { continue };
            let table = rest.split(' ').next().unwrap().to_owned();
            let listed = TABLES.iter().map(|(_, it)| it).find(|it| it.name == table);
            for line in text.lines().skip(1) {
                let Some((name, rest)) = line.trim().split_once(' ') else { continue };
                let read =
                    listed.is_some_and(|it| it.columns.contains(&name) || it.keys.contains(&name));
                if read {
                    let known = kinds.get(name);
                    assert!(
                        known.is_none_or(|it| it.0 == kind(rest)),
                        "{name}: {table}, {known:?}"
                    );
                    kinds.insert(name.to_owned(), (kind(rest), table.clone()));
                }
            }
        }
        assert!(kinds.len() > 80, "{kinds:?}");
    }

    #[test]
    fn statements_of_several_kinds_become_one() {
        let mut batch = Batch::default();
        for (sql, args) in [
            (Statement::PersonLive, 4),
            (Statement::EnrollmentPairs, 4),
            (Statement::PersonGet, 2),
            (Statement::PersonGet, 2),
            (Statement::PastBetween, 3),
        ] {
            batch.add(sql, vec![Value::Null; args]);
        }
        let sets: Vec<Set<'_>> = batch.parts().flatten().collect();
        let wide = together(&texts(), &sets).unwrap();
        let arms: Vec<&str> = wide.sql.split(") UNION ALL (").collect();
        // A count, two sides, two people, and what is past.
        assert_eq!(arms.len(), 6, "{}", wide.sql);
        let width =
            |arm: &str| columns(arm.trim_matches('(').strip_prefix("SELECT ").unwrap()).0.len();
        let widths: Vec<usize> = arms.iter().map(|arm| width(arm)).collect();
        assert!(widths.iter().all(|it| *it == widths[0]), "{widths:?}");
        assert!(arms[1].starts_with("SELECT 2, NULL, program, mentor, "), "{}", arms[1]);
        assert!(arms[2].starts_with("SELECT 2, NULL, program, mentor, "), "{}", arms[2]);
        assert!(arms[4].starts_with("SELECT 4, "), "{}", arms[4]);
        assert!(arms[5].contains(" ORDER BY over_at DESC, id LIMIT 5"), "{}", arms[5]);
        batch.add(Statement::Consumers, []);
        for _ in 0..9 {
            batch.add(Statement::CommandGet, vec![Value::Null; 2]);
        }
        let sets: Vec<Set<'_>> = batch.parts().flatten().collect();
        assert!(together(&texts(), &sets).is_none(), "nine of one kind");
        // Of a pair the id, the mentor's key and the end have their places already.
        let [_, pairs, people, past] = &*wide.places else { panic!("{:?}", wide.places) };
        assert!(past.iter().all(|it| pairs.contains(it)), "{pairs:?} {past:?}");
        assert!(people.iter().any(|it| !pairs.contains(it)), "{pairs:?} {people:?}");
    }

    #[test]
    fn what_is_ordered_over_two_sides_stays_by_itself() {
        assert!(selects("SELECT a FROM t UNION ALL SELECT a FROM u ORDER BY a LIMIT 3").is_none());
        assert!(selects("SELECT (SELECT 1 UNION ALL SELECT 2)").is_none());
        assert_eq!(selects("SELECT a FROM t ORDER BY a LIMIT 3").unwrap().len(), 1);
    }
}
