//! What every command of a story left in the tables, and whether that is all of it or nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use mentorship_core::{
    base::{id::CaseId, time::ManualClock},
    conformance::{
        census::Watch,
        listings::all_after,
        make::{after, group, tenant, who},
        world::TestHost,
    },
    decide::report::Filed,
    model::report::Tier,
    policy::actor::Actor,
    service::{Mentorship, PageAsk, QueuedCase},
    store::{CaseScope, Listed, Listing, PAGE_MAX, Page, PairAsk, Store},
};
use mentorship_sqlx::{
    Prefix,
    sqlx::{self, AssertSqlSafe, MySqlPool, PgPool, SqlitePool},
};
use uuid::Uuid;

use super::story::{ACTS, FIRST, SPAN, Stage, reported_to};

/// Each row of the tables whose ids tell their command: the table, the id, and what it is. One
/// statement, so that it is one moment however much is written meanwhile.
const ROWS: &str = "\
    SELECT 'commands', {id}, CAST(reply AS {text}) FROM {p}commands \
    UNION ALL SELECT 'audit', {id}, CAST(action AS {text}) FROM {p}audit \
    UNION ALL SELECT 'outbox', {id}, CAST(kind AS {text}) FROM {p}outbox \
    UNION ALL SELECT 'posts', {id}, CAST(seq AS {text}) FROM {p}posts \
    UNION ALL SELECT 'persons', CAST(person AS {text}), '' FROM {p}persons \
    UNION ALL SELECT 'enrollments', {id}, CAST(role AS {text}) FROM {p}enrollments \
    UNION ALL SELECT 'proposals', {id}, '' FROM {p}proposals \
    UNION ALL SELECT 'pairs', {id}, '' FROM {p}pairs \
    UNION ALL SELECT 'steps', {pair}, CAST(step AS {text}) FROM {p}steps \
    UNION ALL SELECT 'cases', {id}, CAST(tier AS {text}) FROM {p}cases \
    UNION ALL SELECT 'evidence', {case}, CAST(seq AS {text}) FROM {p}evidence";

type Row = (String, String, String);

/// The rows that each command left, by its number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    rows: BTreeMap<u64, Vec<String>>,
    replies: BTreeMap<u64, String>,
    /// Id and number of each post.
    posts: BTreeMap<u64, (Uuid, u64)>,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Commands that are stored with all their rows.
    pub(crate) whole: usize,
    /// Of those, commands that nobody was told about.
    pub(crate) unheard: usize,
}

macro_rules! read {
    ($name:ident, $pool:ty, $text:literal, $id:literal) => {
        /// Reads the tables under a prefix at one moment.
        pub(crate) async fn $name(pool: &$pool, prefix: &Prefix) -> Self {
            let key = |column: &str| $id.replace('?', column);
            let sql = ROWS
                .replace("{text}", $text)
                .replace("{id}", &key("id"))
                .replace("{pair}", &key("pair"))
                .replace("{case}", &key("case_id"))
                .replace("{p}", prefix.as_str());
            let rows: Vec<Row> =
                sqlx::query_as(AssertSqlSafe(sql)).fetch_all(pool).await.expect("all rows");
            Self::of(rows)
        }
    };
}

impl Ledger {
    read!(sqlite, SqlitePool, "TEXT", "?");
    read!(postgres, PgPool, "TEXT", "CAST(? AS TEXT)");
    read!(mysql, MySqlPool, "CHAR", "CAST(HEX(?) AS CHAR)");

    fn of(rows: Vec<Row>) -> Self {
        let mut ledger = Self::default();
        for (table, id, what) in rows {
            // The key of a person is their number, every other id has it in front.
            let person = id.strip_prefix('p').and_then(|number| number.parse().ok());
            let id: Uuid = person.map_or_else(|| id.parse().expect("an id"), |_| Uuid::nil());
            let number = person.unwrap_or(id.as_u64_pair().0);
            // What the stage is made of: small numbers, and ids without one.
            if !(FIRST..FIRST << 30).contains(&number) {
                continue;
            }
            let row = match &*table {
                "commands" => {
                    ledger.replies.insert(number, what);
                    table
                }
                "posts" => {
                    let seq = what.parse().expect("a number");
                    ledger.posts.insert(number, (id, seq));
                    table
                }
                _ => format!("{table} {what}"),
            };
            ledger.rows.entry(number).or_default().push(row);
        }
        for rows in ledger.rows.values_mut() {
            rows.sort();
        }
        ledger
    }

    /// Whether a command is stored.
    pub(crate) fn knows(&self, number: u64) -> bool {
        self.replies.contains_key(&number)
    }

    /// What each act of a story leaves, from a story to which nothing happened.
    pub(crate) fn acts(&self, story: u64) -> Vec<Vec<String>> {
        let base = FIRST + story * SPAN;
        let acts: Vec<_> = (base..base + ACTS).map(|number| self.left_by(number)).collect();
        for rows in &acts {
            let has = |table: &str| rows.iter().any(|row| row.starts_with(table));
            assert!(has("commands") && has("audit"), "a whole command: {rows:?}");
        }
        acts
    }

    fn left_by(&self, number: u64) -> Vec<String> {
        self.rows.get(&number).cloned().unwrap_or_default()
    }

    /// Every command left all that its act leaves, once, or nothing, and then nobody was told that it
    /// was done; and whoever was told was told what is stored.
    pub(crate) fn check(
        &self,
        acts: &[Vec<String>],
        heard: &BTreeMap<u64, String>,
    ) -> Result<Checked, String> {
        let mut checked = Checked::default();
        let numbers: BTreeSet<u64> = self.rows.keys().chain(heard.keys()).copied().collect();
        for number in numbers {
            let act = usize::try_from((number - FIRST) % SPAN).expect("a small number");
            let all = acts.get(act).ok_or_else(|| format!("command {number} is of no act"))?;
            let found = self.left_by(number);
            if found.is_empty() {
                return Err(format!("command {number} (act {act}) was acknowledged and is lost"));
            }
            if found != *all {
                return Err(format!(
                    "command {number} (act {act}) left {found:?}, the whole is {all:?}"
                ));
            }
            if let Some(reply) = heard.get(&number) {
                self.check_reply(number, reply)?;
            }
            checked.whole += 1;
            checked.unheard += usize::from(!heard.contains_key(&number));
        }
        Ok(checked)
    }

    /// A reply that names what was made names what is stored.
    fn check_reply(&self, number: u64, reply: &str) -> Result<(), String> {
        let stored = self.replies.get(&number).ok_or("a whole command has its reply")?;
        // The service turns what it stores of some commands into a simpler answer: then the answer is
        // part of what is stored.
        if !stored.contains(reply) {
            return Err(format!("command {number} was answered {reply}, stored is {stored}"));
        }
        if let Some((id, seq)) = self.posts.get(&number) {
            let told: serde_json::Value =
                serde_json::from_str(reply).map_err(|error| error.to_string())?;
            if told["post"] != id.to_string() || told["seq"] != *seq {
                return Err(format!("command {number} was told {reply}, the post is {id}, {seq}"));
            }
        }
        Ok(())
    }
}

/// The ids of a queue as its reviewer reads it, from page to page.
macro_rules! queue {
    ($read:expr) => {{
        let (mut ids, mut page) = (Vec::new(), PageAsk { limit: PAGE_MAX, after: None });
        loop {
            let found: Page<QueuedCase> = $read(page).await.expect("a page of the queue");
            ids.extend(found.items.iter().map(|it| it.id));
            page = PageAsk { limit: PAGE_MAX, after: found.next };
            if page.after.is_none() {
                break ids;
            }
        }
    }};
}

/// Every report stands once in each queue for which it was meant, and in no other, as its reviewers read them: what is
/// stored, and what was `heard` of each that was acknowledged.
async fn queued(store: &Arc<dyn Store>, stage: Stage, heard: &BTreeMap<u64, String>) {
    let service = Mentorship::builder(store.clone(), TestHost::default())
        .clock(ManualClock::new(after(1 << 30)))
        .build();
    let admin = |n| Actor::group_admin(tenant(), who(n), group());
    let [made_the_matches, another] = [admin(900), admin(901)];
    let staff = Actor::staff(tenant(), who(990));
    let groups = queue!(|page| service.group_cases(&made_the_matches, stage.program, page));
    assert_eq!(groups, queue!(|page| service.group_cases(&another, stage.program, page)));
    let platforms = queue!(|page| service.platform_cases(&staff, page));

    let what = Listing::Cases { scope: CaseScope::Tenant };
    let mut cases: BTreeMap<CaseId, Tier> = BTreeMap::new();
    let mut expected = (Vec::new(), Vec::new());
    for item in all_after(&**store, &tenant(), &what, None, PAGE_MAX).await {
        let Listed::Case(case) = item else { panic!("no case: {item:?}") };
        expected.0.extend(case.tier.is_groups().then_some(case.id));
        expected.1.extend(case.tier.is_platforms().then_some(case.id));
        assert_eq!(cases.insert(case.id, case.tier), None, "a case twice");
    }
    assert_eq!((groups, platforms), expected);
    for (number, reply) in heard {
        let Some(tier) = reported_to(*number) else { continue };
        let filed: Filed = serde_json::from_str(reply).expect("what a report is answered");
        assert_eq!(cases.remove(&filed.case), Some(tier), "the report of command {number}");
    }
}

/// The invariants of everything that is stored; every report in its queues, those that were `heard` of among them; and
/// the posts of the square: numbered without a gap, as many as the pair counts.
pub(crate) async fn sound(store: &Arc<dyn Store>, stage: Stage, heard: &BTreeMap<u64, String>) {
    let late = after(1 << 30);
    if let Err(broken) = Watch::default().check(&**store, late).await {
        panic!("{broken}");
    }
    queued(store, stage, heard).await;
    let what = Listing::Posts { pair: stage.square, step: None };
    let posts = all_after(&**store, &tenant(), &what, None, PAGE_MAX).await;
    let numbers = posts.iter().map(|item| match item {
        Listed::Post(post) => post.seq,
        other => panic!("no post: {other:?}"),
    });
    let ask = PairAsk { tenant: tenant(), pair: stage.square, post: None, actor: None };
    let mut unit = store.unit().await.expect("a unit");
    let view = unit.pair_view(&ask).await.expect("a view").expect("the square is there");
    assert!(numbers.eq(1..=view.pair.last_seq), "posts are numbered without a gap");
}
