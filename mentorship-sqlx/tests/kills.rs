//! Processes that are killed in the middle of what they do: the host's own over `SQLite`, a server, all
//! connections of a server, a primary whose standby takes over. Every command that was acknowledged is
//! there with all that it wrote, and none is half there.
//!
//! `MENTORSHIP_KILLS` says how often the process over `SQLite` is killed and connections are ended
//! (default 15); servers are killed a tenth as often, at least twice, and primaries a sixtieth, at least
//! once:
//!
//! ```text
//! MENTORSHIP_KILLS=200 cargo test -p mentorship-sqlx --all-features --test kills -- --nocapture
//! ```
//!
//! `MENTORSHIP_SEED` chooses the moments.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use common::{
    File,
    crowd::{Crowd, Met, Workers, undisturbed},
    dice::{Dice, times},
    ledger::{Ledger, sound},
    private::Private,
    runtime, server,
    story::{FIRST, SPAN, Stage},
};
use mentorship_core::{
    base::id::{Id as _, PairId, ProgramId},
    store::Store,
};
use mentorship_sqlx::{
    PostgresStore, Prefix, SqliteStore,
    sqlx::{self, mysql::MySqlPoolOptions, postgres::PgConnectOptions, postgres::PgPoolOptions},
};

fn kills() -> u64 {
    times("MENTORSHIP_KILLS", 15)
}

mod sqlite {
    use super::*;

    /// What the process that is to be killed is told.
    const ORDERS: &str = "MENTORSHIP_TO_BE_KILLED";
    /// The test that is that process.
    const NAME: &str = "sqlite::a_killed_process_leaves_whole_commands";

    /// Plays stories until it is killed, and says which commands it begins and which are acknowledged.
    fn to_be_killed(orders: &str) {
        let orders: Vec<&str> = orders.split('|').collect();
        let [path, program, square, first] = orders[..] else { panic!("four orders") };
        let stage = Stage {
            program: ProgramId::from_uuid(program.parse().unwrap()),
            square: PairId::from_uuid(square.parse().unwrap()),
        };
        runtime().block_on(async {
            let store = Arc::new(SqliteStore::open(path).await.unwrap());
            let _workers = Workers::begin(stage, store, first.parse().unwrap(), |met| {
                let line = match met {
                    Met::Begun(number) => format!("begun {number}\n"),
                    Met::Heard(done) => format!("heard {} {}\n", done.number, done.reply),
                    Met::Failed(code) => format!("failed {code}\n"),
                };
                // One write, so that a line is said whole or not at all.
                let mut out = std::io::stdout().lock();
                out.write_all(line.as_bytes()).and_then(|()| out.flush()).unwrap();
            });
            std::future::pending::<()>().await;
        });
    }

    /// A process that works on a file.
    struct Victim {
        process: Child,
        says: BufReader<ChildStdout>,
        begun: BTreeSet<u64>,
        heard: BTreeMap<u64, String>,
    }

    impl Victim {
        fn start(orders: &str) -> Self {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args([NAME, "--exact", "--nocapture"]).env(ORDERS, orders);
            let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            let says = BufReader::new(process.stdout.take().unwrap());
            Self { process, says, begun: BTreeSet::new(), heard: BTreeMap::new() }
        }

        /// Hears one line; `false` at the end.
        fn listen(&mut self) -> bool {
            let mut line = String::new();
            self.says.read_line(&mut line).unwrap();
            let Some(line) = line.strip_suffix('\n') else { return false };
            match line.split_once(' ') {
                Some(("begun", number)) => drop(self.begun.insert(number.parse().unwrap())),
                Some(("heard", rest)) => {
                    let (number, reply) = rest.split_once(' ').unwrap();
                    self.heard.insert(number.parse().unwrap(), reply.to_owned());
                }
                Some(("failed", code)) => panic!("a command failed with {code}"),
                // What the frame of the tests says.
                _ => {}
            }
            true
        }

        fn kill(&mut self) {
            self.process.kill().unwrap();
            while self.listen() {}
            self.process.wait().unwrap();
        }
    }

    impl Drop for Victim {
        fn drop(&mut self) {
            let _ = (self.process.kill(), self.process.wait());
        }
    }

    #[test]
    fn a_killed_process_leaves_whole_commands() {
        if let Ok(orders) = std::env::var(ORDERS) {
            return to_be_killed(&orders);
        }
        let (file, runtime, kills) = (File::new(), runtime(), kills());
        let prefix = Prefix::default();
        let (stage, acts) = runtime.block_on(async {
            let store = SqliteStore::open(file.path()).await.unwrap();
            store.migrate().await.unwrap();
            let shared: Arc<dyn Store> = Arc::new(store.clone());
            let stage = Stage::set(shared.clone()).await;
            undisturbed(stage, &shared).await;
            store.close().await;
            (stage, Ledger::sqlite(&file.rows().await, &prefix).await.acts(0))
        });
        let mut dice = Dice::cast("kills of a process");
        let (mut heard, mut first) = (BTreeMap::new(), 1);
        let (mut under_way, mut landed) = (0, 0);
        for _ in 0..kills {
            let (path, program, square) = (file.path(), stage.program, stage.square);
            let orders = format!("{}|{program}|{square}|{first}", path.display());
            let mut victim = Victim::start(&orders);
            let enough = 1 + usize::try_from(dice.below(60)).unwrap();
            while victim.heard.len() < enough {
                assert!(victim.listen(), "it ended by itself");
            }
            // Some way into what comes next, while others write.
            for _ in 0..dice.below(1 << 21) {
                std::hint::spin_loop();
            }
            victim.kill();
            let unheard: Vec<u64> =
                victim.begun.iter().filter(|it| !victim.heard.contains_key(it)).copied().collect();
            first = (victim.begun.last().unwrap() - FIRST) / SPAN + 1;
            heard.append(&mut victim.heard);
            let ledger = runtime.block_on(async {
                let store = SqliteStore::open(file.path()).await.unwrap();
                let rows = file.rows().await;
                let integrity: String =
                    sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&rows).await.unwrap();
                assert_eq!(integrity, "ok");
                let ledger = Ledger::sqlite(&rows, &prefix).await;
                let shared: Arc<dyn Store> = Arc::new(store.clone());
                sound(&shared, stage, &heard).await;
                store.close().await;
                rows.close().await;
                ledger
            });
            ledger.check(&acts, &heard).unwrap();
            under_way += unheard.len();
            landed += unheard.iter().filter(|number| ledger.knows(**number)).count();
        }
        eprintln!(
            "a process over SQLite, killed {kills} times: {} commands acknowledged, all whole; \
             {under_way} were under way, {landed} of them stored whole, the others not at all",
            heard.len()
        );
    }
}

/// How long a call may wait for a server that is being started again.
const PATIENCE: Duration = Duration::from_mins(2);

macro_rules! kill_a_server {
    ($name:ident, $own:ident, $ledger:ident, $open:ident, $pool:ident) => {
        #[test]
        fn $name() {
            runtime().block_on(async {
                let Some(mut server) = Private::$own() else { return };
                server.start();
                let options = $pool::new().max_connections(6).acquire_timeout(PATIENCE);
                let pool = options.connect(&server.url()).await.unwrap();
                let store = common::server::$open(&server.url(), 6, Prefix::default()).await;
                store.migrate().await.unwrap();
                store.verify().await.unwrap();
                let mut crowd = Crowd::begin(Arc::new(store.clone())).await;
                let acts = Ledger::$ledger(&pool, store.prefix()).await.acts(0);
                let mut dice = Dice::cast(stringify!($name));
                let (kills, mut unheard) = (2.max(kills() / 10), 0);
                for _ in 0..kills {
                    crowd.hear(1 + dice.below(80)).await;
                    server.kill();
                    let heard = crowd.heard();
                    server.start();
                    // One moment, before or while commands are given again.
                    let ledger = Ledger::$ledger(&pool, store.prefix()).await;
                    unheard += ledger.check(&acts, &heard).unwrap().unheard;
                }
                crowd.hear(20).await;
                let stage = crowd.stage;
                let (heard, failed) = crowd.finish().await;
                let ledger = Ledger::$ledger(&pool, store.prefix()).await;
                let checked = ledger.check(&acts, &heard).unwrap();
                assert_eq!((checked.whole, checked.unheard), (heard.len(), 0));
                let shared: Arc<dyn Store> = Arc::new(store);
                sound(&shared, stage, &heard).await;
                pool.close().await;
                eprintln!(
                    "{}: {kills} kills, {} commands, each once; {unheard} were stored and not \
                     yet heard of after a kill; calls that failed: {failed:?}",
                    stringify!($name),
                    heard.len()
                );
            });
        }
    };
}

kill_a_server!(
    a_killed_postgres_loses_nothing_acknowledged,
    postgres,
    postgres,
    open_own_pool,
    PgPoolOptions
);
kill_a_server!(
    a_killed_mariadb_loses_nothing_acknowledged,
    mariadb,
    mysql,
    open_mysql,
    MySqlPoolOptions
);

#[test]
fn ended_connections_are_replaced_and_commands_settled() {
    runtime().block_on(async {
        let Some((lent, direct)) = server::lend_postgres().await else { return };
        let name = format!("mentorship_to_be_ended_{}", std::process::id());
        let options: PgConnectOptions = server::postgres().unwrap().parse().unwrap();
        let options = options.application_name(&name);
        let pool = PgPoolOptions::new().max_connections(6).connect_with(options).await.unwrap();
        let store = PostgresStore::new(pool.clone(), lent.prefix.clone());
        let mut crowd = Crowd::begin(Arc::new(store.clone())).await;
        let acts = Ledger::postgres(&lent.pool, &lent.prefix).await.acts(0);
        let mut dice = Dice::cast("ends of connections");
        let (rounds, mut ended) = (kills(), 0);
        for _ in 0..rounds {
            crowd.hear(1 + dice.below(20)).await;
            let sql = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity \
                       WHERE application_name = $1";
            let all: i64 = sqlx::query_scalar(sql).bind(&name).fetch_one(&lent.pool).await.unwrap();
            ended += all;
            let heard = crowd.heard();
            let ledger = Ledger::postgres(&lent.pool, &lent.prefix).await;
            ledger.check(&acts, &heard).unwrap();
        }
        crowd.hear(20).await;
        let stage = crowd.stage;
        let (heard, failed) = crowd.finish().await;
        let checked =
            Ledger::postgres(&lent.pool, &lent.prefix).await.check(&acts, &heard).unwrap();
        assert_eq!((checked.whole, checked.unheard), (heard.len(), 0));
        let direct: Arc<dyn Store> = Arc::new(direct);
        sound(&direct, stage, &heard).await;
        // The pool gives every connection it may have, and none of them is in a transaction.
        let mut all = Vec::new();
        for _ in 0..6 {
            let mut connection = pool.acquire().await.unwrap();
            let one: i32 =
                sqlx::query_scalar("SELECT 1").fetch_one(&mut *connection).await.unwrap();
            assert_eq!(one, 1);
            all.push(connection);
        }
        let sql = "SELECT state FROM pg_stat_activity WHERE application_name = $1";
        let states: Vec<String> =
            sqlx::query_scalar(sql).bind(&name).fetch_all(&lent.pool).await.unwrap();
        assert_eq!(states, ["idle"; 6]);
        drop(all);
        pool.close().await;
        lent.give_back().await;
        eprintln!(
            "connections: {ended} ended in {rounds} rounds, {} commands, each once; calls that \
             failed: {failed:?}",
            heard.len()
        );
    });
}

#[test]
fn a_standby_that_takes_over_has_all_that_was_acknowledged() {
    runtime().block_on(async {
        let mut dice = Dice::cast("failovers");
        for _ in 0..1.max(kills() / 60) {
            let Some(primary) = Private::postgres() else { return };
            let mut primary = primary.with(&["-c", "synchronous_standby_names=*"]);
            primary.start();
            let connect = async |url: &str| {
                let options = PgPoolOptions::new().max_connections(6).acquire_timeout(PATIENCE);
                options.connect(url).await.unwrap()
            };
            let pool = connect(&primary.url()).await;
            let mut standby = primary.standby();
            standby.start();
            // From the first COMMIT on each waits for the standby.
            let store = PostgresStore::new(pool.clone(), Prefix::default());
            store.migrate().await.unwrap();
            let mut crowd = Crowd::begin(Arc::new(store.clone())).await;
            let acts = Ledger::postgres(&pool, store.prefix()).await.acts(0);
            crowd.hear(1 + dice.below(120)).await;
            primary.kill();
            let heard_before = crowd.heard();
            let pool = connect(&standby.url()).await;
            let promoted: bool =
                sqlx::query_scalar("SELECT pg_promote()").fetch_one(&pool).await.unwrap();
            assert!(promoted);
            let ledger = Ledger::postgres(&pool, store.prefix()).await;
            let unheard = ledger.check(&acts, &heard_before).unwrap().unheard;
            let store = PostgresStore::new(pool.clone(), Prefix::default());
            store.verify().await.unwrap();
            crowd.switch(Arc::new(store.clone()));
            crowd.hear(40).await;
            let stage = crowd.stage;
            let (heard, failed) = crowd.finish().await;
            let ledger = Ledger::postgres(&pool, store.prefix()).await;
            let checked = ledger.check(&acts, &heard).unwrap();
            assert_eq!((checked.whole, checked.unheard), (heard.len(), 0));
            let shared: Arc<dyn Store> = Arc::new(store);
            sound(&shared, stage, &heard).await;
            pool.close().await;
            eprintln!(
                "failover: {} commands acknowledged by the primary, all on the standby, which \
                 had {unheard} more; {} in the end, each once; calls that failed: {failed:?}",
                heard_before.len(),
                heard.len()
            );
        }
    });
}
