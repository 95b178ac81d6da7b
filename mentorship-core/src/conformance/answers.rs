//! Who sees which answers, each viewer through what they really read, and who stands in the directory.

use std::collections::BTreeSet;

use super::{
    Harness,
    make::{self, slug, who},
    official::intimate,
    privacy::open,
    world::{World, sign_up},
};
use crate::{
    base::{
        host::{GroupId, TenantId},
        id::{CaseId, EnrollmentId, ProgramId},
    },
    decide::{enrollment::Apply, report::ReportAsk},
    model::{
        answer::{Answer, Answers},
        enrollment::Role,
        form::VisibleTo,
        report::{Exhibit, Item, Target},
        template::Template,
    },
    policy::actor::Actor,
    service::{DirectoryEntry, Error, PageAsk},
};

/// What each sees of an answer to each kind of question: `x` always, `o` if its author opted in. To a question of a
/// special category an answer is its author's alone, whatever they consented to. Staff sees what a case holds, which
/// is what the reporter may see, and all of it who works a case about the author.
const SEEN: &str = "
who                       matcher  admin  partner  proposed_partner  group  special
owner                     x        x      x        x                 x      x
admin                     -        x      x        x                 x      -
proposed_partner          -        -      -        x                 x      -
partner                   -        -      x        x                 x      -
member                    -        -      -        -                 o      -
staff                     -        -      -        -                 -      -
case_by_admin             -        x      x        x                 x      -
case_by_proposed_partner  -        -      -        x                 x      -
case_by_partner           -        -      x        x                 x      -
case_by_member            -        -      -        -                 o      -
worked_by_admin           -        x      x        x                 x      -
worked_by_staff           x        x      x        x                 x      x
";

/// The small template with one more question of each kind for both.
fn every_kind() -> Template {
    let mut value = serde_json::to_value(make::template()).unwrap();
    let questions = value["form"]["questions"].as_array_mut().unwrap();
    let kinds = VisibleTo::ALL.iter().map(|it| (it.code(), it.code(), "normal"));
    for (key, visible_to, how) in kinds.chain([("special", "matcher", "special_category")]) {
        questions.push(serde_json::json!({
            "key": key, "asked_of": "both", "text": { "key": key, "en": "A word." },
            "answer": { "kind": "integer", "min": 0, "max": 9, "unit": "years" },
            "sensitivity": how, "visible_to": visible_to }));
    }
    serde_json::from_value::<Template>(value).unwrap().checked().unwrap()
}

/// The keys of these answers.
fn keys(answers: &Answers) -> BTreeSet<String> {
    answers.0.keys().map(ToString::to_string).collect()
}

/// What is read; nothing where there is nothing to be read.
fn read(outcome: Result<Answers, Error>) -> BTreeSet<String> {
    match outcome {
        Ok(answers) => keys(&answers),
        Err(error) => {
            assert_eq!(error.code(), "not_found");
            BTreeSet::new()
        }
    }
}

/// The answers that a case of somebody's about an enrolment holds, as staff reads it.
async fn copied(world: &World, filed: Result<CaseId, Error>) -> Result<Answers, Error> {
    let file = world.service.case(&world.staff(), filed?).await?;
    let exhibits = file.evidence.iter().map(|it| it.content.as_ref().unwrap());
    let exhibits = exhibits.map(|it| serde_json::from_str::<Exhibit>(it).unwrap());
    let mut answers = exhibits.filter_map(|it| match it.item {
        Item::Answers { answers, .. } => Some(answers),
        _ => None,
    });
    let found = answers.next().expect("what was reported");
    assert_eq!(answers.next(), None);
    Ok(found)
}

async fn report(
    world: &World,
    program: ProgramId,
    by: &Actor,
    (subject, enrollment): (u64, EnrollmentId),
) -> Result<CaseId, Error> {
    let ask = ReportAsk::new(who(subject), slug("spam")).target(Target::Enrollment { enrollment });
    world.service.file_report(by, program, ask).await.map(|it| it.case)
}

/// What each viewer reads of the mentor's answers, or of the mentee's, who has answered the same questions.
async fn views(
    world: &World,
    special_category: bool,
    opted_in: bool,
) -> Vec<(&'static str, BTreeSet<String>)> {
    let (s, staff, admin) = (&world.service, world.staff(), world.admin());
    let program = open(world, every_kind()).await;
    let mut places = Vec::new();
    for (n, role) in [(1, Role::Mentor), (2, Role::Mentee)] {
        let mut input = Apply { special_category, ..sign_up(role) };
        for key in VisibleTo::ALL.iter().map(|it| it.code()).chain(["special"]) {
            input.answers = input.answers.with(slug(key), Answer::Integer(7));
        }
        let place = world.enroll_with(program, n, input).await.unwrap();
        if opted_in {
            s.show_to_group(&world.person(n), place, true).await.unwrap();
        }
        places.push(place);
    }
    let (mentor, mentee) = (places[0], places[1]);
    let (one, other, member) = (world.person(1), world.person(2), world.person(3));
    let application =
        async |actor: &Actor| s.application(actor, mentor).await.map(|it| it.enrollment.answers);
    let mut seen = vec![
        ("owner", read(application(&one).await)),
        ("admin", read(application(&admin).await)),
        ("staff", read(application(&staff).await)),
        ("nobody", read(application(&other).await)),
    ];
    let listed = s.directory(&member, program, Some(Role::Mentor), world.first_page()).await;
    let entry = s.directory_entry(&member, mentor).await;
    assert_eq!(listed.unwrap().items.first(), entry.as_ref().ok(), "one is the other's page");
    seen.push(("member", read(entry.map(|it| it.answers))));
    seen.push(("staff", read(s.directory_entry(&staff, mentor).await.map(|it| it.answers))));
    let by_member = report(world, program, &member, (1, mentor)).await;
    seen.push(("case_by_member", read(copied(world, by_member).await)));
    let by_admin = report(world, program, &admin, (1, mentor)).await;
    seen.push(("case_by_admin", read(copied(world, by_admin).await)));

    let offer = world.offer(mentor, mentee).await;
    let offers = s.my_offers(&other, world.first_page()).await.unwrap();
    seen.push(("proposed_partner", keys(&offers.items[0].partner_answers)));
    let by_proposed = report(world, program, &other, (1, mentor)).await;
    seen.push(("case_by_proposed_partner", read(copied(world, by_proposed).await)));

    let pair = world.accept(offer, 1, 2).await;
    seen.push(("partner", read(s.partner_answers(&other, pair).await)));
    for actor in [&staff, &admin, &member] {
        seen.push(("nobody", read(s.partner_answers(actor, pair).await)));
    }
    // In the directory a partner is a member like others.
    seen.push(("member", read(s.directory_entry(&other, mentor).await.map(|it| it.answers))));
    let by_partner = report(world, program, &one, (2, mentee)).await.unwrap();
    seen.push(("case_by_partner", read(copied(world, Ok(by_partner)).await)));
    let around = async |actor: &Actor| {
        let place = s.case_background(actor, by_partner).await.map(|mut it| it.places.remove(0));
        read(place.map(|it| it.answers))
    };
    let other = world.other_admin();
    world.work(&other, by_partner).await;
    seen.push(("worked_by_admin", around(&other).await));
    s.escalate_case(&staff, by_partner).await.unwrap();
    world.work(&staff, by_partner).await;
    seen.push(("worked_by_staff", around(&staff).await));
    seen
}

/// Row 5, D34: every kind of question, every consent and every viewer, by the queries that each of them has.
pub async fn row_5_every_viewer_sees_what_the_table_says(h: Harness) {
    let mut lines = SEEN.lines().filter(|it| !it.is_empty()).map(str::split_whitespace);
    let questions: Vec<&str> = lines.next().unwrap().skip(1).collect();
    let table: Vec<(&str, Vec<&str>)> =
        lines.map(|mut it| (it.next().unwrap(), it.collect())).collect();
    let (mut walked, mut met) = (0, BTreeSet::new());
    for (special_category, opted_in) in [(false, false), (false, true), (true, false), (true, true)]
    {
        let tenant = format!("answers-{special_category}-{opted_in}");
        let world = World::of(h.store.clone(), TenantId::try_from(tenant).unwrap());
        for (viewer, seen) in views(&world, special_category, opted_in).await {
            let row = table.iter().find(|it| it.0 == viewer).map(|it| &it.1);
            met.extend(row.map(|_| viewer));
            for (at, question) in questions.iter().enumerate() {
                let sees = match row.map_or("-", |cells| cells[at]) {
                    "x" => true,
                    "o" => opted_in,
                    "-" => false,
                    other => panic!("{other}"),
                };
                assert_eq!(
                    seen.contains(*question),
                    sees,
                    "{question} to {viewer}, special {special_category}, opted in {opted_in}"
                );
                walked += 1;
            }
        }
    }
    assert_eq!(met.len(), table.len(), "every row is walked");
    assert_eq!(walked, 4 * 18 * questions.len());
}

/// D34, row 26: what the two are told of each other, and what is said to them, names no special-category rule and
/// holds no such answer, however much it counted for them and whatever they consented to.
pub async fn d34_a_partner_reads_no_special_category(h: Harness) {
    let world = World::new(h.store);
    let s = &world.service;
    let program = open(&world, intimate()).await;
    let mut places = Vec::new();
    for (n, role) in [(1, Role::Mentor), (2, Role::Mentee)] {
        let mut input = Apply { special_category: true, ..sign_up(role) };
        for key in ["health", "belief"] {
            input.answers = input.answers.with(slug(key), Answer::Single(slug("yes")));
        }
        let place = world.enroll_with(program, n, input).await.unwrap();
        s.show_to_group(&world.person(n), place, true).await.unwrap();
        places.push(place);
    }
    let best = s.candidates(&world.admin(), places[1], 5).await.unwrap().ranked.remove(0);
    assert!(best.reasons.iter().any(|it| it.rule == slug("private") && it.points == 300));
    let offer = world.offer(places[0], places[1]).await;
    let mut told = Vec::new();
    for n in [1, 2] {
        let offers = s.my_offers(&world.person(n), world.first_page()).await.unwrap();
        let reasons = &offers.items[0].reasons;
        assert!(reasons.iter().any(|it| it.rule == slug("wanted")), "{reasons:?}");
        assert!(reasons.iter().all(|it| (it.points, it.most) == (0, 0)), "no number to guess by");
        told.push(format!("{offers:?}"));
    }
    let pair = world.accept(offer, 1, 2).await;
    for n in [1, 2] {
        let me = world.person(n);
        let answers = s.partner_answers(&me, pair).await.unwrap();
        let directory = s.directory(&me, program, None, world.first_page()).await.unwrap();
        assert_eq!(directory.items.len(), 2);
        told.push(format!("{answers:?} {directory:?} {:?}", s.pair(&me, pair).await.unwrap().card));
    }
    told.push(format!("{:?}", world.messages().await));
    for words in ["health", "belief", "private"] {
        assert!(told.iter().all(|it| !it.contains(words)), "{words}: {told:#?}");
    }
}

/// The directory as somebody reads it, in pages of this size. Every page but the last is full, and ends at somebody
/// who is shown.
async fn pages(
    world: &World,
    actor: &Actor,
    program: ProgramId,
    limit: u16,
) -> Vec<DirectoryEntry> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let ask = PageAsk { limit, after };
        let page = world.service.directory(actor, program, None, ask).await.unwrap();
        let full = page.items.len() == usize::from(limit);
        assert!(full || page.next.is_none(), "a gap where somebody is hidden");
        let ends = page.next.as_ref().map(|it| it.id.clone());
        all.extend(page.items);
        let last = all.last().map(|it| it.enrollment.to_string());
        assert!(ends.is_none() || ends == last, "a cursor tells of nobody else");
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// D6, I10: whoever blocks or is blocked is left out before a page is cut, and is answered, asked for by name, as
/// anybody who is hidden for another reason and as nobody. A wish not to be matched changes nothing.
pub async fn d6_a_directory_has_no_gaps_where_somebody_is_hidden(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let (s, reader) = (&world.service, world.person(30));
    let mut places = Vec::new();
    for n in 1..=12 {
        let role = if n % 2 == 1 { Role::Mentor } else { Role::Mentee };
        let place = world.enroll(program, n, role).await;
        s.show_to_group(&world.person(n), place, true).await.unwrap();
        places.push(place);
    }
    let place = |n: u64| places[usize::try_from(n).unwrap() - 1];
    s.block(&reader, &who(1)).await.unwrap();
    s.block(&world.person(4), &who(30)).await.unwrap();
    s.block(&world.person(12), &who(30)).await.unwrap();
    s.pause_enrollment(&world.person(5), place(5), None).await.unwrap();
    s.set_capacity(&world.person(6), place(6), 0).await.unwrap();
    s.hold_enrollment(&world.staff(), place(7)).await.unwrap();
    s.withdraw_enrollment(&world.person(8), place(8)).await.unwrap();
    s.show_to_group(&world.person(9), place(9), false).await.unwrap();
    s.avoid(&world.person(2), &who(30), true).await.unwrap();
    s.avoid(&reader, &who(3), true).await.unwrap();
    let shown = [2, 3, 10, 11];
    for limit in [1, 2, 3, 4, 5, 50] {
        let read: BTreeSet<_> = pages(&world, &reader, program, limit)
            .await
            .into_iter()
            .map(|it| (it.enrollment, it.person))
            .collect();
        assert_eq!(read, shown.map(|n| (place(n), who(n))).into());
    }
    let mut answers = BTreeSet::new();
    for n in [1, 4, 5, 6, 7, 8, 9, 12] {
        let error = s.directory_entry(&reader, place(n)).await.unwrap_err();
        answers.insert(format!("{} {:?} {error}", error.code(), error.params()));
    }
    let error = s.directory_entry(&reader, make::id(4_242)).await.unwrap_err();
    answers.insert(format!("{} {:?} {error}", error.code(), error.params()));
    assert_eq!(answers.len(), 1, "{answers:?}");
    // Neither can what is hidden be reported by what it says.
    for n in [4, 5, 9, 12] {
        let filed = report(&world, program, &reader, (n, place(n))).await;
        assert_eq!(World::code(filed), "not_found");
    }
    // Whoever blocks first has read it before, and reports it all the same (D11).
    report(&world, program, &reader, (1, place(1))).await.unwrap();
    let mentors = s.directory(&reader, program, Some(Role::Mentor), world.first_page()).await;
    let mentors: Vec<_> = mentors.unwrap().items.into_iter().map(|it| it.person).collect();
    assert_eq!(mentors, [who(3), who(11)]);
    // To others it is the block of somebody else.
    assert_eq!(pages(&world, &world.person(31), program, 2).await.len(), 7);
    let own = s.directory_entry(&world.person(2), place(2)).await.unwrap();
    assert_eq!(own.person, who(2), "one's own entry, as others see it");
}

/// The directory is for members of the group while the program is open, and for its admins, for whom nobody is there
/// with whom a block stands (D9).
pub async fn a_directory_is_for_the_group(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.approval = true).await;
    let (s, admin) = (&world.service, world.admin());
    let place = world.enroll(program, 1, Role::Mentor).await;
    s.show_to_group(&world.person(1), place, true).await.unwrap();
    assert!(pages(&world, &world.person(3), program, 5).await.is_empty(), "nobody has approved it");
    s.approve(&admin, place).await.unwrap();
    for actor in [&admin, &world.person(1), &world.person(3)] {
        assert_eq!(pages(&world, actor, program, 5).await.len(), 1);
    }
    let nothing = async |actor: &Actor| {
        let page = s.directory(actor, program, None, world.first_page()).await;
        assert_eq!(World::code(page), "not_found");
        assert_eq!(World::code(s.directory_entry(actor, place).await), "not_found");
    };
    let others = GroupId::try_from("rowers").unwrap();
    nothing(&Actor::group_admin(world.tenant.clone(), who(3), others)).await;
    nothing(&world.staff()).await;
    nothing(&world.host_actor()).await;
    world.host.leaves(&who(3));
    nothing(&world.person(3)).await;
    s.block(&world.person(1), &who(900)).await.unwrap();
    assert!(pages(&world, &admin, program, 5).await.is_empty());
    assert_eq!(pages(&world, &world.other_admin(), program, 5).await.len(), 1);
    s.wind_down_program(&admin, program).await.unwrap();
    nothing(&world.person(4)).await;
}
