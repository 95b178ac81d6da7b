//! The tables, as migrations, written once for every database. A released migration never changes: its
//! checksum stands in the ledger.

use crate::{dialect::Dialect, prefix::Prefix, text::render};

/// One step of the schema.
#[derive(Debug)]
pub(crate) struct Migration {
    pub(crate) version: i64,
    pub(crate) name: &'static str,
    /// Statements in order, with names in braces as [`render`] knows them.
    statements: &'static [&'static str],
    /// What only `SQLite` has besides.
    #[cfg(feature = "sqlite")]
    sqlite: &'static [&'static str],
}

impl Migration {
    /// Its statements for one database.
    pub(crate) fn statements(&self, prefix: &Prefix, dialect: Dialect) -> Vec<String> {
        let more: &[&str] = match dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => self.sqlite,
            #[cfg(feature = "postgres")]
            Dialect::Postgres => &[],
            #[cfg(feature = "mysql")]
            Dialect::Mysql => &[],
        };
        let all = self.statements.iter().chain(more);
        all.map(|text| render(text, prefix, dialect).sql.as_ref().to_owned()).collect()
    }
}

/// All steps, oldest first.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "foundation",
    statements: FOUNDATION,
    #[cfg(feature = "sqlite")]
    sqlite: TRIGGERS,
}];

/// Every table, without the ledger.
pub(crate) const TABLES: &[&str] = &[
    "persons",
    "relations",
    "programs",
    "forms",
    "guides",
    "enrollments",
    "proposals",
    "runs",
    "pairs",
    "steps",
    "posts",
    "check_ins",
    "cases",
    "evidence",
    "commands",
    "audit",
    "outbox",
    "consumers",
];

/// Tables whose rows nobody changes, once they are there: of some only a key or a text gives way, for which
/// an account may be given single columns.
#[cfg(feature = "postgres")]
pub(crate) const WRITTEN_ONCE: &[&str] =
    &["forms", "guides", "runs", "evidence", "commands", "audit", "consumers"];

/// Tables out of which rows are taken.
#[cfg(feature = "postgres")]
pub(crate) const EMPTIED: &[&str] = &["persons", "relations", "outbox", "consumers"];

/// Kinds of constraints that a table may have.
pub(crate) const BELTS: [&str; 3] = ["CHECK", "UNIQUE", "FOREIGN KEY"];

/// How many constraints of a kind a table was made with.
pub(crate) fn belts(table: &str, kind: &str) -> usize {
    let (made, belt) = (format!("CREATE TABLE {{p}}{table} ("), format!("{kind} ("));
    let all = MIGRATIONS.iter().flat_map(|migration| migration.statements);
    all.filter(|text| text.starts_with(&made)).map(|text| text.matches(&belt).count()).sum()
}

/// The columns that a table is made with, in their order.
#[cfg(any(feature = "mysql", test))]
pub(crate) fn columns(table: &str) -> Vec<&'static str> {
    let made = format!("CREATE TABLE {{p}}{table} (");
    let all = MIGRATIONS.iter().flat_map(|migration| migration.statements);
    let lines = all.filter_map(|text| text.strip_prefix(&made)).flat_map(str::lines);
    let names = lines.filter_map(|line| line.strip_prefix("    ")?.split(' ').next());
    names.filter(|name| name.starts_with(|it: char| it.is_ascii_lowercase())).collect()
}

/// The names of the triggers that only `SQLite` has, without the prefix.
#[cfg(feature = "sqlite")]
pub(crate) fn triggers() -> impl Iterator<Item = &'static str> {
    let all = MIGRATIONS.iter().flat_map(|migration| migration.sqlite);
    all.filter_map(|text| text.strip_prefix("CREATE TRIGGER {p}")?.split(' ').next())
}

const FOUNDATION: &[&str] = &[
    "CREATE TABLE {p}persons (
    tenant {key} NOT NULL,
    person {key} NOT NULL,
    adult_on {int},
    zone {code},
    reminders_off {int} NOT NULL CHECK (reminders_off IN (0, 1)),
    reminded {doc} NOT NULL,
    restrictions {doc},
    version {int} NOT NULL,
    banned {int} CHECK (banned = 1),
    muted {int} CHECK (muted = 1),
    held {int} NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, person),
    UNIQUE (tenant, person, adult_on)
{table}{roomy}",
    "CREATE INDEX {p}persons_banned ON {p}persons (tenant, {first banned}person){only banned = 1}",
    "CREATE INDEX {p}persons_muted ON {p}persons (tenant, {first muted}person){only muted = 1}",
    "CREATE TABLE {p}relations (
    tenant {key} NOT NULL,
    lo {key} NOT NULL,
    hi {key} NOT NULL,
    lo_blocked_at {int},
    lo_lifted_at {int},
    lo_avoids_since {int},
    lo_wishes_since {int},
    hi_blocked_at {int},
    hi_lifted_at {int},
    hi_avoids_since {int},
    hi_wishes_since {int},
    kept_doc {doc},
    version {int} NOT NULL,
    blocked {int} NOT NULL CHECK (blocked IN (0, 1)),
    live_pairs {int} NOT NULL DEFAULT 0 CHECK (live_pairs >= 0),
    open_proposals {int} NOT NULL DEFAULT 0 CHECK (open_proposals >= 0),
    held {int} NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, lo, hi),
    CHECK (lo < hi),
    CHECK (blocked = 0 OR (live_pairs = 0 AND open_proposals = 0))
{small table}{roomy}",
    "CREATE INDEX {p}relations_hi ON {p}relations (tenant, hi, lo)",
    "CREATE INDEX {p}relations_blocked ON {p}relations (tenant, {first blocked}lo, hi)\
     {only blocked = 1}",
    "CREATE TABLE {p}programs (
    tenant {key} NOT NULL,
    id {id} NOT NULL,
    group_key {key} NOT NULL,
    template {code} NOT NULL,
    template_version {int} NOT NULL,
    topic {code} NOT NULL,
    title {words} NOT NULL,
    state {code} NOT NULL,
    state_doc {doc} NOT NULL,
    window_doc {doc},
    zone {code} NOT NULL,
    policy {doc} NOT NULL,
    form_version {int} NOT NULL,
    guide_version {int} NOT NULL,
    created_by {key} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    due_at {int},
    held {int} NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
{table}{roomy}",
    "CREATE INDEX {p}programs_age ON {p}programs (tenant, created_at, id)",
    "CREATE INDEX {p}programs_group ON {p}programs (tenant, group_key, created_at, id)",
    "CREATE INDEX {p}programs_due ON {p}programs (tenant, due_at, id){only due_at IS NOT NULL}",
    "CREATE TABLE {p}forms (
    tenant {key} NOT NULL,
    program {id} NOT NULL,
    version {int} NOT NULL,
    doc {doc} NOT NULL,
    PRIMARY KEY (tenant, program, version)
{table}",
    "CREATE TABLE {p}guides (
    tenant {key} NOT NULL,
    program {id} NOT NULL,
    version {int} NOT NULL,
    doc {doc} NOT NULL,
    PRIMARY KEY (tenant, program, version)
{table}",
    "CREATE TABLE {p}enrollments (
    tenant {key} NOT NULL,
    id {id} NOT NULL,
    program {id} NOT NULL,
    person {key} NOT NULL,
    role {code} NOT NULL CHECK (role IN ('mentor', 'mentee')),
    state {code} NOT NULL,
    state_doc {doc} NOT NULL,
    capacity {int} NOT NULL CHECK (capacity BETWEEN 0 AND 255),
    priority_since {int} NOT NULL,
    consent {doc} NOT NULL,
    form_version {int} NOT NULL,
    answers {doc} NOT NULL,
    applied_at {int} NOT NULL,
    version {int} NOT NULL,
    due_at {int},
    live {int} CHECK (live = 1),
    live_pairs {int} NOT NULL DEFAULT 0 CHECK (live_pairs >= 0),
    live_limit {int} NOT NULL,
    held {int} NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, person, program, role, live),
    CHECK (live_limit >= capacity),
    CHECK (live_pairs <= live_limit)
{table}{roomy}",
    "CREATE INDEX {p}enrollments_program ON {p}enrollments (tenant, program, applied_at, id)",
    "CREATE INDEX {p}enrollments_state ON {p}enrollments (tenant, program, state, applied_at, id)",
    "CREATE INDEX {p}enrollments_role ON {p}enrollments (tenant, program, role, state, id)",
    "CREATE INDEX {p}enrollments_person ON {p}enrollments (tenant, person, applied_at, id)",
    "CREATE INDEX {p}enrollments_due ON {p}enrollments (tenant, due_at, id){only due_at IS NOT NULL}",
    "CREATE TABLE {p}proposals (
    tenant {key} NOT NULL,
    id {id} NOT NULL,
    program {id} NOT NULL,
    mentor {id} NOT NULL,
    mentor_person {key} NOT NULL,
    mentee {id} NOT NULL,
    mentee_person {key} NOT NULL,
    origin {code} NOT NULL,
    state {code} NOT NULL,
    state_doc {doc} NOT NULL,
    choice {int},
    score_doc {doc},
    run {id},
    previous_pair {id},
    offered_at {int},
    created_by {key} NOT NULL,
    created_at {int} NOT NULL,
    version {int} NOT NULL,
    due_at {int},
    lo {key} NOT NULL,
    hi {key} NOT NULL,
    open {int} CHECK (open = 1),
    holds {int} NOT NULL CHECK (holds IN (0, 1)),
    held {int} NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, lo, hi, program, open),
    CHECK (lo < hi)
{table}{roomy}",
    "CREATE INDEX {p}proposals_program ON {p}proposals (tenant, program, created_at, id)",
    "CREATE INDEX {p}proposals_state ON {p}proposals (tenant, program, state, created_at, id)",
    "CREATE INDEX {p}proposals_mentor ON {p}proposals (tenant, mentor, created_at, id)",
    "CREATE INDEX {p}proposals_mentee ON {p}proposals (tenant, mentee, created_at, id)",
    "CREATE INDEX {p}proposals_open_mentor ON {p}proposals (tenant, mentor){only open = 1}",
    "CREATE INDEX {p}proposals_open_mentee ON {p}proposals (tenant, mentee){only open = 1}",
    "CREATE INDEX {p}proposals_mentor_person ON {p}proposals \
     (tenant, mentor_person, created_at, id)",
    "CREATE INDEX {p}proposals_mentee_person ON {p}proposals \
     (tenant, mentee_person, created_at, id)",
    "CREATE INDEX {p}proposals_run ON {p}proposals (tenant, run, created_at, id)\
     {only run IS NOT NULL}",
    "CREATE INDEX {p}proposals_due ON {p}proposals (tenant, due_at, id){only due_at IS NOT NULL}",
    "CREATE TABLE {p}runs (
    tenant {key} NOT NULL,
    id {id} NOT NULL,
    program {id} NOT NULL,
    digest {code} NOT NULL,
    details {doc} NOT NULL,
    created_by {key} NOT NULL,
    created_at {int} NOT NULL,
    PRIMARY KEY (tenant, id)
{table}",
    "CREATE INDEX {p}runs_program ON {p}runs (tenant, program, created_at, id)",
    "CREATE INDEX {p}runs_maker ON {p}runs (tenant, created_by)",
    "CREATE TABLE {p}pairs (
    tenant {key} NOT NULL,
    id {id} NOT NULL,
    program {id} NOT NULL,
    mentor {id} NOT NULL,
    mentor_person {key} NOT NULL,
    mentor_introduction {words},
    mentor_withheld {doc},
    mentee {id} NOT NULL,
    mentee_person {key} NOT NULL,
    mentee_introduction {words},
    mentee_withheld {doc},
    proposal {id} NOT NULL,
    state {code} NOT NULL,
    state_doc {doc} NOT NULL,
    end_note {words},
    end_note_withheld {doc},
    guide_version {int} NOT NULL,
    oversight {code} NOT NULL,
    started_at {int} NOT NULL,
    adults_at {int} NOT NULL,
    pauses {doc} NOT NULL,
    previous_pair {id},
    last_seq {int} NOT NULL,
    last_activity_at {int} NOT NULL,
    reminded_at {int},
    due_at {int},
    cleared_at {int},
    kept_for {doc},
    version {int} NOT NULL,
    over_at {int},
    lo {key} NOT NULL,
    hi {key} NOT NULL,
    live {int} CHECK (live = 1),
    adults_by {int},
    mentor_adult_on {int},
    mentee_adult_on {int},
    held {int} NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, lo, hi, program, live),
    CHECK (lo < hi),
    CHECK (adults_by IS NULL OR (mentor_adult_on IS NOT NULL AND mentor_adult_on <= adults_by)),
    CHECK (adults_by IS NULL OR (mentee_adult_on IS NOT NULL AND mentee_adult_on <= adults_by)),
    FOREIGN KEY (tenant, mentor_person, mentor_adult_on)
        REFERENCES {p}persons (tenant, person, adult_on),
    FOREIGN KEY (tenant, mentee_person, mentee_adult_on)
        REFERENCES {p}persons (tenant, person, adult_on)
{table}{roomy}",
    "CREATE INDEX {p}pairs_program ON {p}pairs (tenant, program, started_at, id)",
    "CREATE INDEX {p}pairs_state ON {p}pairs (tenant, program, state, started_at, id)",
    "CREATE INDEX {p}pairs_mentor ON {p}pairs (tenant, mentor){only live = 1}",
    "CREATE INDEX {p}pairs_mentee ON {p}pairs (tenant, mentee){only live = 1}",
    "CREATE INDEX {p}pairs_mentor_person ON {p}pairs (tenant, mentor_person, started_at, id)",
    "CREATE INDEX {p}pairs_mentee_person ON {p}pairs (tenant, mentee_person, started_at, id)",
    "CREATE INDEX {p}pairs_mentor_adult ON {p}pairs (tenant, mentor_person, mentor_adult_on){only mentor_adult_on IS NOT NULL}",
    "CREATE INDEX {p}pairs_mentee_adult ON {p}pairs (tenant, mentee_person, mentee_adult_on){only mentee_adult_on IS NOT NULL}",
    "CREATE INDEX {p}pairs_over ON {p}pairs (tenant, over_at){only over_at IS NOT NULL}",
    "CREATE INDEX {p}pairs_due ON {p}pairs (tenant, due_at, id){only due_at IS NOT NULL}",
    "CREATE TABLE {p}steps (
    tenant {key} NOT NULL,
    pair {id} NOT NULL,
    position {int} NOT NULL,
    step {code} NOT NULL,
    state {code} NOT NULL,
    state_doc {doc} NOT NULL,
    due_at {int},
    mentor_done_at {int},
    mentee_done_at {int},
    PRIMARY KEY (tenant, pair, position)
{small table}{roomy}",
    "CREATE TABLE {p}posts (
    tenant {key} NOT NULL,
    pair {id} NOT NULL,
    seq {int} NOT NULL,
    id {id} NOT NULL,
    step {code} NOT NULL,
    reply_to {id},
    author {key} NOT NULL,
    body {words},
    at {int} NOT NULL,
    revision {int} NOT NULL,
    edited_at {int},
    removed_at {int},
    held {doc} NOT NULL,
    withheld {doc},
    PRIMARY KEY (tenant, pair, seq),
    UNIQUE (tenant, id)
{table}",
    "CREATE TABLE {p}check_ins (
    tenant {key} NOT NULL,
    pair {id} NOT NULL,
    side {code} NOT NULL CHECK (side IN ('mentor', 'mentee')),
    kind {code} NOT NULL CHECK (kind IN ('week', 'closing')),
    week {int} NOT NULL,
    score {int} CHECK (score BETWEEN 1 AND 5),
    note {words},
    note_shared {int} NOT NULL CHECK (note_shared IN (0, 1)),
    testimonial {words},
    at {int} NOT NULL,
    withheld {doc},
    PRIMARY KEY (tenant, pair, side, kind, week)
{small table}",
    "CREATE TABLE {p}cases (
    tenant {key} NOT NULL,
    id {id} NOT NULL,
    program {id} NOT NULL,
    reporter {key},
    subject {key} NOT NULL,
    object {key} NOT NULL,
    category {code} NOT NULL,
    priority {code} NOT NULL CHECK (priority IN ('p0', 'p1', 'p2', 'p3')),
    tier {code} NOT NULL CHECK (tier IN ('group', 'both', 'platform')),
    state {code} NOT NULL,
    state_doc {doc} NOT NULL,
    details {doc} NOT NULL,
    filed_at {int} NOT NULL,
    version {int} NOT NULL,
    due_at {int},
    open {int} CHECK (open = 1),
    queued {int} CHECK (queued = 1),
    told {int} CHECK (told = 1),
    witnesses {words} NOT NULL,
    held {int} NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, reporter, subject, program, object, open),
    CHECK (reporter <> subject),
    CHECK (open IS NULL OR queued IS NOT NULL)
{table}{roomy}",
    "CREATE INDEX {p}cases_age ON {p}cases (tenant, filed_at, id)",
    "CREATE INDEX {p}cases_program ON {p}cases (tenant, program, {first queued}filed_at, id)\
     {only queued = 1}",
    "CREATE INDEX {p}cases_queue ON {p}cases (tenant, {first queued}filed_at, id)\
     {only queued = 1}",
    "CREATE INDEX {p}cases_reporter ON {p}cases (tenant, reporter, filed_at, id)",
    "CREATE INDEX {p}cases_subject ON {p}cases (tenant, subject, {first told}filed_at, id)\
     {only told = 1}",
    "CREATE INDEX {p}cases_due ON {p}cases (tenant, due_at, id){only due_at IS NOT NULL}",
    "CREATE TABLE {p}evidence (
    tenant {key} NOT NULL,
    case_id {id} NOT NULL,
    seq {int} NOT NULL CHECK (seq >= 1),
    content {doc},
    digest {code} NOT NULL,
    seal {code} NOT NULL,
    PRIMARY KEY (tenant, case_id, seq)
{table}",
    "CREATE TABLE {p}commands (
    tenant {key} NOT NULL,
    id {id} NOT NULL,
    kind {code} NOT NULL,
    digest {code} NOT NULL,
    reply {doc} NOT NULL,
    at {int} NOT NULL,
    PRIMARY KEY (tenant, id)
{small table}",
    "CREATE TABLE {p}audit (
    tenant {key} NOT NULL,
    id {id} NOT NULL,
    at {int} NOT NULL,
    actor_kind {code} NOT NULL,
    actor_person {key},
    action {code} NOT NULL,
    subject_kind {code} NOT NULL,
    subject {key} NOT NULL,
    subject_other {key},
    program {id},
    from_state {code},
    to_state {code},
    about {doc} NOT NULL,
    reason {code},
    private {int} NOT NULL CHECK (private IN (0, 1)),
    PRIMARY KEY (tenant, at, id)
{small table}",
    "CREATE INDEX {p}audit_program ON {p}audit (tenant, program, at, id){only program IS NOT NULL}",
    "CREATE INDEX {p}audit_subject ON {p}audit (tenant, subject, at, id)",
    "CREATE INDEX {p}audit_actor ON {p}audit (tenant, actor_person, at, id){only actor_person IS NOT NULL}",
    "CREATE TABLE {p}outbox (
    tenant {key} NOT NULL,
    id {id} NOT NULL,
    at {int} NOT NULL,
    kind {code} NOT NULL,
    to_kind {code} NOT NULL,
    to_id {key},
    between_lo {key},
    between_hi {key},
    program {id},
    proposal {id},
    pair {id},
    case_id {id},
    step {code},
    code {code},
    lane {id} NOT NULL,
    epoch {int} NOT NULL,
    attempts {int} NOT NULL,
    lease_until {int},
    pending {int} CHECK (pending = 1),
    parked {int} CHECK (parked = 1),
    consumer {code} NOT NULL,
    PRIMARY KEY (tenant, id, consumer),
    CHECK (pending IS NULL OR parked IS NULL)
{table}",
    "CREATE INDEX {p}outbox_pending ON {p}outbox (consumer, {first pending}tenant, at, id)\
     {only pending = 1}",
    "CREATE INDEX {p}outbox_lane ON {p}outbox (tenant, lane, consumer, {first pending}at, id)\
     {only pending = 1}",
    "CREATE INDEX {p}outbox_parked ON {p}outbox (consumer, {first parked}tenant, at, id)\
     {only parked = 1}",
    "CREATE TABLE {p}consumers (
    name {code} NOT NULL PRIMARY KEY
{small table}",
    "INSERT INTO {p}consumers (name) VALUES ('default') {keep name}",
];

/// What is over stays as it ended, whoever writes; elsewhere the statements that write see to it. What was
/// sealed may be taken out and never changes otherwise, and a run but for the key of whoever staged it. In the audit log
/// the key of a person may give place to another one, and nothing else ever changes; nothing goes that is younger than
/// thirty days before the last event.
#[cfg(feature = "sqlite")]
const TRIGGERS: &[&str] = &[
    "CREATE TRIGGER {p}audit_is_append_only_update BEFORE UPDATE ON {p}audit \
     WHEN NEW.tenant <> OLD.tenant OR NEW.id <> OLD.id OR NEW.at <> OLD.at \
     OR NEW.actor_kind <> OLD.actor_kind OR NEW.action <> OLD.action \
     OR NEW.subject_kind <> OLD.subject_kind OR NEW.program IS NOT OLD.program \
     OR NEW.from_state IS NOT OLD.from_state OR NEW.to_state IS NOT OLD.to_state \
     OR NEW.reason IS NOT OLD.reason OR NEW.private <> OLD.private \
     OR (NEW.actor_person IS NULL) <> (OLD.actor_person IS NULL) \
     OR (NEW.subject_other IS NULL) <> (OLD.subject_other IS NULL) \
     OR (NEW.subject <> OLD.subject AND OLD.subject_kind NOT IN ('person', 'relation')) \
     OR json_array_length(NEW.about) <> json_array_length(OLD.about) \
     BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER {p}audit_is_append_only_delete BEFORE DELETE ON {p}audit \
     WHEN OLD.at > (SELECT MAX(at) FROM {p}audit WHERE tenant = OLD.tenant) - 2592000000000 \
     BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END",
    "CREATE TRIGGER {p}programs_over_stay BEFORE UPDATE OF state, state_doc ON {p}programs \
     WHEN OLD.state IN ('archived', 'discarded') AND NEW.state_doc <> OLD.state_doc \
     BEGIN SELECT RAISE(ABORT, 'a terminal state changed'); END",
    "CREATE TRIGGER {p}enrollments_over_stay BEFORE UPDATE OF state, state_doc ON {p}enrollments \
     WHEN OLD.live IS NULL AND NEW.state_doc <> OLD.state_doc \
     BEGIN SELECT RAISE(ABORT, 'a terminal state changed'); END",
    "CREATE TRIGGER {p}proposals_over_stay BEFORE UPDATE OF state, state_doc ON {p}proposals \
     WHEN OLD.open IS NULL AND NEW.state_doc <> OLD.state_doc \
     BEGIN SELECT RAISE(ABORT, 'a terminal state changed'); END",
    "CREATE TRIGGER {p}pairs_over_stay BEFORE UPDATE OF state, state_doc ON {p}pairs \
     WHEN OLD.live IS NULL AND NEW.state_doc <> OLD.state_doc \
     BEGIN SELECT RAISE(ABORT, 'a terminal state changed'); END",
    "CREATE TRIGGER {p}cases_over_stay BEFORE UPDATE OF state, state_doc ON {p}cases \
     WHEN OLD.state = 'closed' AND NEW.state_doc <> OLD.state_doc \
     BEGIN SELECT RAISE(ABORT, 'a terminal state changed'); END",
    "CREATE TRIGGER {p}runs_stay_update BEFORE UPDATE ON {p}runs \
     WHEN NEW.tenant <> OLD.tenant OR NEW.id <> OLD.id OR NEW.program <> OLD.program \
     OR NEW.digest <> OLD.digest OR NEW.details <> OLD.details OR NEW.created_at <> OLD.created_at \
     BEGIN SELECT RAISE(ABORT, 'a run never changes'); END",
    "CREATE TRIGGER {p}runs_stay_delete BEFORE DELETE ON {p}runs \
     BEGIN SELECT RAISE(ABORT, 'a run never changes'); END",
    "CREATE TRIGGER {p}evidence_stays_update BEFORE UPDATE ON {p}evidence \
     WHEN NEW.content IS NOT NULL OR NEW.digest <> OLD.digest OR NEW.seal <> OLD.seal \
     OR NEW.tenant <> OLD.tenant OR NEW.case_id <> OLD.case_id OR NEW.seq <> OLD.seq \
     BEGIN SELECT RAISE(ABORT, 'evidence never changes'); END",
    "CREATE TRIGGER {p}evidence_stays_delete BEFORE DELETE ON {p}evidence \
     BEGIN SELECT RAISE(ABORT, 'evidence never changes'); END",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The columns that the documentation describes under a table's heading.
    fn described(document: &'static str, table: &str) -> Vec<&'static str> {
        let heading = format!("\n### {table}\n");
        let (_, section) = document.split_once(&heading).unwrap_or_default();
        let section = section.split("\n#").next().unwrap_or_default();
        let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        cells.collect()
    }

    #[test]
    fn every_column_is_described() {
        let document = include_str!("../SCHEMA.md");
        for table in TABLES {
            assert!(columns(table).len() > usize::from(*table != "consumers"), "{table}");
            assert_eq!(described(document, table), columns(table), "{table}");
        }
    }
}
