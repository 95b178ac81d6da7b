//! What only `SQLite` does: statements, plans, migrations, settings, faults and dropped futures.

use std::{future::Future, sync::Arc, task::Poll};

use mentorship_core::{
    base::{
        id::{CaseId, EventId},
        text::Body,
    },
    change::{Applied, ChangeSet, Key},
    conformance::{
        case_lists::{HiddenBy, log, queues},
        contract::{ground, set_of},
        make,
        world::World,
    },
    decide::report::ReportAsk,
    model::report::{EvidenceFault, Seal},
    store::{CaseAsk, PAGE_MAX, PersonAsk, Store, StoreErrorKind, StoreUnit},
};
use sqlx::{AssertSqlSafe, Row as _};

use super::SqliteStore;
use crate::{
    lists,
    migration::{MigrateError, MigrationState},
    prefix::Prefix,
    statement::{Statement, Statement as S},
    store::Backend as _,
    verify::VerifyError,
    views::Views,
};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("community.db")
    }

    async fn store(&self) -> SqliteStore {
        let store = SqliteStore::open(self.path()).await.unwrap();
        store.migrate().await.unwrap();
        store
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

async fn plan(store: &SqliteStore, statement: Statement) -> Vec<String> {
    let sql = format!("EXPLAIN QUERY PLAN {}", store.texts().get(statement).sql);
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&store.shared.writer).await;
    let rows = rows.unwrap_or_else(|error| panic!("{statement:?}: {error}"));
    rows.iter().map(|row| row.get::<String, _>("detail")).collect()
}

#[test]
fn every_statement_is_prepared_and_none_scans_a_table() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        for statement in Statement::ALL {
            let steps = plan(&store, *statement).await;
            // What an upsert or an EXISTS has no table to scan for is a constant row.
            let scans: Vec<_> = steps
                .iter()
                .filter(|step| step.starts_with("SCAN") && !step.contains("CONSTANT ROW"))
                .filter(|step| !step.contains("outbox_pending"))
                // What several indexes have given is no table.
                .filter(|step| !["SCAN g", "SCAN s"].contains(&step.as_str()))
                // All names of consumers are wanted, and there are a few.
                .filter(|_| {
                    !matches!(*statement, Statement::Consumers | Statement::OutboxPutForAll)
                })
                .collect();
            assert!(scans.is_empty(), "{statement:?} {steps:#?}");
        }
    });
}

#[test]
fn one_sort_is_left_and_it_is_small() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        // Pages come out of an index in order, whatever the size of the table.
        for statement in [
            S::ProgramsAll,
            S::ProgramsOf,
            S::EnrollmentsIn,
            S::EnrollmentsOf,
            S::ProposalsIn,
            S::ProposalsAt,
            S::PairsIn,
            S::PairsAt,
            S::Posts,
            S::AuditAll,
            S::AuditIn,
            S::AuditBy,
            S::AuditSeen,
            S::AuditSeenIn,
            S::DuePrograms,
            S::DueEnrollments,
            S::DueProposals,
            S::DuePairs,
            S::Candidates,
            S::OutboxPending,
            S::OutboxPendingOf,
        ] {
            let steps = plan(&store, statement).await;
            let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
            assert!(!sorts, "{statement:?} {steps:#?}");
        }
    });
}

/// What is hidden from the reader of a queue the database leaves out itself: what the store would leave out after it
/// costs another question, and how often it is asked is not to tell of a case (D12). The servers show the same on the
/// wire, in `tests/round_trips.rs`.
#[test]
fn the_database_gives_nothing_of_a_queue_that_is_hidden() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        let (queues, tenant) = (queues(&store).await, make::tenant());
        let given = async |queue, rows| {
            let mut session = store.reading().await.unwrap();
            let mut views = Views::new(&mut *session, &tenant);
            let first = lists::place::<CaseId>(None).unwrap();
            let rows = lists::rows_of_queue(&mut views, rows, queue, first).await.unwrap();
            rows.into_iter().map(|case| case.id).collect::<Vec<_>>()
        };
        for (way, queue, shown) in &queues {
            assert_eq!(given(queue, 2).await, *shown, "{way:?}");
            assert_eq!(given(queue, PAGE_MAX).await, *shown, "{way:?}");
        }
        let (_, mut queue, _) = queues[0].clone();
        queue.program = None;
        let mut found = given(&queue, PAGE_MAX).await;
        found.sort_unstable();
        let mut shown: Vec<_> = queues.iter().flat_map(|(_, _, shown)| shown.clone()).collect();
        shown.sort_unstable();
        assert_eq!(found, shown);
    });
}

/// Whoever may write to the file can make another chain that fits. An inventory that was kept elsewhere tells (I8).
#[test]
fn evidence_that_is_sealed_anew_in_the_file_is_found_by_an_inventory() {
    run(async {
        let folder = Folder::new();
        let store = Arc::new(folder.store().await);
        let world = World::new(store.clone());
        let (service, host) = (&world.service, world.host_actor());
        let program = world.program(|_| {}).await;
        let mut report = ReportAsk::new(make::who(1), make::slug("scam"));
        report.text = Some(Body::new("A course was sold.").unwrap());
        let case = service.file_report(&world.person(2), program, report).await.unwrap().case;
        let inventory = service.take_inventory(&host).await.unwrap();
        let faults = async || {
            let all = service.verify_evidence(&host, world.first_page()).await.unwrap().faults;
            let kept = service.verify_inventory(&host, inventory.cases()).await.unwrap().faults;
            (all, kept)
        };
        assert_eq!(faults().await, (vec![], vec![]));
        let sql = async |sql: String| {
            let done = sqlx::query(AssertSqlSafe(sql)).execute(&store.shared.writer).await.unwrap();
            assert_eq!(done.rows_affected(), 1);
        };
        // The triggers would refuse all of it; whoever owns the file takes them out.
        let triggers = "SELECT name FROM sqlite_schema WHERE type = 'trigger'";
        let triggers: Vec<String> =
            sqlx::query_scalar(triggers).fetch_all(&store.shared.writer).await.unwrap();
        for name in triggers {
            let drop = AssertSqlSafe(format!("DROP TRIGGER {name}"));
            sqlx::query(drop).execute(&store.shared.writer).await.unwrap();
        }

        let (tenant, actor, content) = (world.tenant.clone(), None, None);
        let ask = CaseAsk { tenant, case, actor, with_evidence: true, content };
        let view = store.unit().await.unwrap().case_view(&ask).await.unwrap().unwrap();
        let item = &view.evidence[0];
        let other = item.content.as_ref().unwrap().replace("A course", "Nothing");
        let digest = Seal::of(&other);
        let seal = Seal::first(case).then(&digest);
        sql(format!(
            "UPDATE mentorship_evidence SET content = '{other}', digest = '{digest}', seal = '{seal}'"
        ))
        .await;
        let fault = EvidenceFault::Incomplete { expected: 1, found: 1 };
        assert_eq!(faults().await, (vec![(case, fault)], vec![(case, fault)]));
        let head = item.seal;
        sql(format!("UPDATE mentorship_cases SET details = replace(details, '{head}', '{seal}')"))
            .await;
        let fault = EvidenceFault::Rewritten { items: 1 };
        assert_eq!(faults().await, (vec![], vec![(case, fault)]));
        sql("DELETE FROM mentorship_evidence".to_owned()).await;
        sql("DELETE FROM mentorship_cases".to_owned()).await;
        assert_eq!(faults().await, (vec![], vec![(case, EvidenceFault::Gone)]));
    });
}

/// The same of the audit log.
#[test]
fn the_database_gives_nothing_of_the_log_that_is_hidden() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        let (queues, tenant) = (queues(&store).await, make::tenant());
        let events = log(&store, &queues).await;
        for (way, queue, shown) in &queues {
            let mut session = store.reading().await.unwrap();
            let mut views = Views::new(&mut *session, &tenant);
            let first = lists::place::<EventId>(None).unwrap();
            let of = (queue.program, &queue.reader);
            let rows = lists::rows_of_log(&mut views, PAGE_MAX, of, first).await.unwrap();
            let cases = rows.iter().filter_map(|(_, case)| case.as_ref().map(|it| it.id));
            assert_eq!(cases.collect::<Vec<_>>(), *shown, "{way:?}");
            let hidden = if *way == HiddenBy::Nothing { 0 } else { 5 };
            let all = events.iter().filter(|it| it.program == queue.program).count();
            assert_eq!(rows.len(), all - hidden, "{way:?}");
        }
    });
}

#[test]
fn the_ledger_tells_too_new_from_changed_from_missing() {
    run(async {
        let folder = Folder::new();
        let store = SqliteStore::open(folder.path()).await.unwrap();
        let error = store.verify().await.unwrap_err();
        assert!(
            matches!(&error, VerifyError::Store(it) if it.kind() == StoreErrorKind::NotMigrated),
            "{error}"
        );
        let mut unit = store.unit().await.unwrap();
        let ask = PersonAsk { tenant: make::tenant(), person: make::who(1) };
        let error = unit.person_view(&ask).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::NotMigrated);
        assert_eq!(store.migrate().await.unwrap(), [1]);
        assert_eq!(store.migrate().await.unwrap(), [0_i64; 0]);
        let status = store.status().await.unwrap();
        assert!(status.iter().all(|one| one.state == MigrationState::Applied));
        let ledger = |sql: &'static str| sqlx::query(sql).execute(&store.shared.writer);
        ledger("INSERT INTO mentorship_migrations VALUES (99, 'later', 'x', 0)").await.unwrap();
        assert!(matches!(store.migrate().await, Err(MigrateError::TooNew { found: 99, known: 1 })));
        let error = store.verify().await.unwrap_err();
        assert!(matches!(&error, VerifyError::Store(it) if it.kind() == StoreErrorKind::TooNew));
        ledger("DELETE FROM mentorship_migrations WHERE version = 99").await.unwrap();
        ledger("UPDATE mentorship_migrations SET checksum = 'y'").await.unwrap();
        assert!(matches!(store.migrate().await, Err(MigrateError::Changed { version: 1 })));
    });
}

#[test]
fn the_exported_script_is_the_migration() {
    run(async {
        let folder = Folder::new();
        let prefix = Prefix::new("club_").unwrap();
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(folder.path())
            .create_if_missing(true);
        let store = SqliteStore::connect(options, prefix.clone()).await.unwrap();
        let script = SqliteStore::export_sql(&prefix);
        sqlx::raw_sql(AssertSqlSafe(script)).execute(&store.shared.writer).await.unwrap();
        assert!(store.migrate().await.unwrap().is_empty());
        store.verify().await.unwrap();
    });
}

#[test]
fn two_prefixes_in_one_file_are_two_stores() {
    run(async {
        let folder = Folder::new();
        let first = folder.store().await;
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path());
        let second = SqliteStore::connect(options, Prefix::new("b_").unwrap()).await.unwrap();
        second.migrate().await.unwrap();
        let _ = first.unit().await.unwrap().apply(ground()).await.unwrap();
        let ask = PersonAsk { tenant: make::tenant(), person: make::who(1) };
        let there = second.unit().await.unwrap().person_view(&ask).await.unwrap();
        assert!(there.person.version.is_new());
        let _ = second.unit().await.unwrap().apply(ground()).await.unwrap();
    });
}

#[test]
fn a_setting_that_breaks_a_promise_is_named() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        store.verify().await.unwrap();
        let cases = [
            ("PRAGMA ignore_check_constraints = ON", "ignore_check_constraints"),
            ("PRAGMA ignore_check_constraints = OFF; PRAGMA foreign_keys = OFF", "foreign_keys"),
            ("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL", "synchronous"),
            ("PRAGMA synchronous = FULL; PRAGMA query_only = ON", "query_only"),
        ];
        for (sql, named) in cases {
            sqlx::raw_sql(sql).execute(&store.shared.writer).await.unwrap();
            let error = store.verify().await.unwrap_err();
            assert!(
                matches!(error, VerifyError::Setting { setting, .. } if setting == named),
                "{error}"
            );
        }
        let folder = Folder::new();
        let store = folder.store().await;
        sqlx::query("DROP TABLE mentorship_steps").execute(&store.shared.writer).await.unwrap();
        let error = store.verify().await.unwrap_err().to_string();
        assert_eq!(error, "table `mentorship_steps` is missing");
    });
}

#[test]
fn a_trigger_or_a_constraint_that_is_gone_is_named() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        let sql = "DROP TRIGGER mentorship_pairs_over_stay";
        sqlx::query(sql).execute(&store.shared.writer).await.unwrap();
        let error = store.verify().await.unwrap_err().to_string();
        let said = "a trigger is gone from table `mentorship_pairs`; make it again as `export_sql` writes it";
        assert_eq!(error, said);
        let folder = Folder::new();
        let store = folder.store().await;
        let sql = "SELECT sql FROM sqlite_schema WHERE name = 'mentorship_check_ins'";
        let made: String = sqlx::query_scalar(sql).fetch_one(&store.shared.writer).await.unwrap();
        let sql = format!(
            "DROP TABLE mentorship_check_ins; {}",
            made.replace("CHECK (score BETWEEN 1 AND 5)", "")
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&store.shared.writer).await.unwrap();
        let error = store.verify().await.unwrap_err().to_string();
        assert!(error.starts_with("CHECK is gone from table `mentorship_check_ins`"), "{error}");
    });
}

#[test]
fn an_old_library_is_told_by_its_version() {
    for (version, old) in [("3.37.2", true), ("2.99", true), ("3.38.0", false), ("4.0", false)] {
        assert_eq!(super::verify::is_too_old(version), old, "{version}");
    }
}

fn a_set() -> ChangeSet {
    let mut set = ground();
    set.audit.push(make::event(1, Key::Person(make::who(1)), make::start()));
    set.outbox.push(make::message(1, 1, make::start()));
    set
}

#[test]
fn a_read_only_file_says_so_and_keeps_what_it_has() {
    run(async {
        let folder = Folder::new();
        folder.store().await.close().await;
        let options =
            sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path()).read_only(true);
        let store = SqliteStore::connect(options, Prefix::default()).await.unwrap();
        let error = store.unit().await.unwrap().apply(a_set()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::ReadOnly, "{error:?}");
        let error = store.verify().await.unwrap_err();
        assert!(
            matches!(&error, VerifyError::Store(it) if it.kind() == StoreErrorKind::ReadOnly),
            "{error}"
        );
    });
}

#[test]
fn a_full_disk_says_so_and_stores_nothing_of_the_set() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        let pages: i64 =
            sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.shared.writer).await.unwrap();
        let cap = format!("PRAGMA max_page_count = {}", pages + 1);
        sqlx::raw_sql(AssertSqlSafe(cap)).execute(&store.shared.writer).await.unwrap();
        let mut n = 0;
        let error = loop {
            n += 1;
            let mut set = ChangeSet::new(make::tenant());
            for m in 0..50 {
                set.audit.push(make::event(n * 100 + m, Key::Person(make::who(1)), make::start()));
            }
            match store.unit().await.unwrap().apply(set).await {
                Ok(stored) => assert_eq!(stored, Applied::Stored),
                Err(error) => break error,
            }
            assert!(n < 10_000, "the file never fills up");
        };
        assert_eq!(error.kind(), StoreErrorKind::Full, "{error:?}");
        let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM mentorship_audit")
            .fetch_one(&store.shared.readers)
            .await
            .unwrap();
        assert_eq!(kept, i64::try_from((n - 1) * 50).unwrap(), "whole sets only");
    });
}

#[test]
fn a_corrupt_row_is_an_error_without_its_content() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        let _ = store.unit().await.unwrap().apply(ground()).await.unwrap();
        let spoil = [
            "UPDATE mentorship_persons SET reminded = 'my secret' WHERE person = 'p001'",
            "UPDATE mentorship_persons SET reminded = '[]', zone = 'Moon/Base' WHERE person = 'p001'",
            "UPDATE mentorship_persons SET zone = NULL, adult_on = 9000000000000 WHERE person = 'p001'",
        ];
        for sql in spoil {
            sqlx::query(sql).execute(&store.shared.writer).await.unwrap();
            let ask = PersonAsk { tenant: make::tenant(), person: make::who(1) };
            let error = store.unit().await.unwrap().person_view(&ask).await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Corrupt);
            let told = format!("{error} {error:?}");
            assert!(!told.contains("secret") && !told.contains("Moon"), "{told}");
        }
        std::fs::write(folder.0.path().join("other.db"), b"this is no database at all, is it?")
            .unwrap();
        let opened = SqliteStore::open(folder.0.path().join("other.db")).await;
        assert_eq!(opened.unwrap_err().kind(), StoreErrorKind::Corrupt);
    });
}

#[test]
fn an_integrity_error_tells_no_value() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        let _ = store.unit().await.unwrap().apply(ground()).await.unwrap();
        let second = make::enrollment(70, 1, 1, mentorship_core::model::enrollment::Role::Mentor);
        let set = set_of([mentorship_core::change::Change::Enrollment(second)]);
        let error = store.unit().await.unwrap().apply(set).await.unwrap_err();
        let mut told = format!("{error} {error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            told.push_str(&cause.to_string());
            source = cause.source();
        }
        assert!(!told.contains("p001") && !told.contains("enrollments"), "{told}");
    });
}

/// Polls a future some times and drops it.
async fn dropped_after<F: Future>(future: F, polls: usize) -> bool {
    let mut future = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

#[test]
fn a_future_dropped_at_any_await_leaves_no_open_transaction() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        let mut done = 0;
        for polls in 1..400 {
            let mut unit = store.unit().await.unwrap();
            let mut set = ChangeSet::new(make::tenant());
            set.commands = vec![mentorship_core::conformance::contract::command_record(polls)];
            for n in 0..5 {
                let event = make::event(polls * 10 + n, Key::Person(make::who(1)), make::start());
                set.audit.push(event);
            }
            let finished = dropped_after(unit.apply(set), usize::try_from(polls).unwrap()).await;
            // Whoever comes next gets the writer, and finds the whole set or nothing of it.
            let mut next = ChangeSet::new(make::tenant());
            next.outbox.push(make::message(polls, 1, make::start()));
            let _ = store.unit().await.unwrap().apply(next).await.unwrap();
            let (commands, events): (i64, i64) = sqlx::query_as(
                "SELECT (SELECT COUNT(*) FROM mentorship_commands), \
                 (SELECT COUNT(*) FROM mentorship_audit)",
            )
            .fetch_one(&store.shared.readers)
            .await
            .unwrap();
            assert_eq!(commands * 5, events, "after {polls} polls");
            done = if finished { done + 1 } else { 0 };
            if done == 20 {
                return;
            }
        }
        panic!("the set is never stored");
    });
}

#[test]
fn units_hold_no_connection_between_calls() {
    run(async {
        let folder = Folder::new();
        let store = folder.store().await;
        let mut units: Vec<Box<dyn StoreUnit + '_>> = Vec::new();
        for _ in 0..64 {
            units.push(store.unit().await.unwrap());
        }
        let each = (1..).zip(units).map(|(n, mut unit)| async move {
            let mut set = ChangeSet::new(make::tenant());
            set.outbox.push(make::message(n, 1, make::start()));
            let _ = unit.apply(set).await.unwrap();
            let ask = PersonAsk { tenant: make::tenant(), person: make::who(n) };
            unit.person_view(&ask).await.unwrap();
        });
        futures_util::future::join_all(each).await;
        assert_eq!(store.capabilities().name, "sqlite");
    });
}
