//! What somebody does and reads who is not to know.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use mentorship_core::{
    base::{
        id::{CaseId, EnrollmentId},
        text::Body,
    },
    conformance::{
        make::{group, slug, tenant, who},
        world::sign_up,
    },
    decide::report::ReportAsk,
    matching::run::RunOptions,
    model::{
        enrollment::Role,
        pair::EndKind,
        report::{Outcome, Priority, Verdict},
    },
    policy::actor::Actor,
    service::{Error, ExportAsk, PageAsk},
    store::Page,
};

use crate::{
    runs,
    subject::{ON_CASE, merge, on_case},
    worlds::{Past, Side, reasons},
};

/// Pages of a directory that were read with somebody in them.
pub(crate) static DIRECTORIES: AtomicUsize = AtomicUsize::new(0);

/// Most pages of one list that are read.
const PAGES_MAX: usize = 60;

pub(crate) fn page(limit: u8) -> PageAsk {
    PageAsk { limit: u16::from(limit % 3) * 50 + 1, after: None }
}

/// Every page from the first to the last, each with how much it holds and where it goes on.
pub(crate) async fn pages<T: std::fmt::Debug>(
    limit: u8,
    read: impl AsyncFn(PageAsk) -> Result<Page<T>, Error>,
) -> String {
    let (mut ask, mut all) = (page(limit), String::new());
    for _ in 0..PAGES_MAX {
        let found = read(ask.clone()).await;
        let next = found.as_ref().ok().and_then(|page| page.next.clone());
        all.push_str(&told(found));
        ask.after = next;
        if ask.after.is_none() {
            break;
        }
    }
    all
}

pub(crate) fn told<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(reply) => format!("{reply:?}"),
        Err(error) => format!("{} {:?} {error}", error.code(), error.params()),
    }
}

pub(crate) fn pick<T: Copy>(from: &[T], choice: u8) -> Option<T> {
    from.get(usize::from(choice) % from.len().max(1)).copied()
}

/// A participant's act, by three numbers: most of them about `x`.
#[expect(clippy::too_many_lines, reason = "one list of all acts")]
pub(crate) async fn participant(side: &Side, past: &Past, o: u64, x: u64, act: [u8; 3]) -> String {
    let [what, a, b] = act;
    let (service, me) = (&side.service, Actor::person(tenant(), who(o)));
    let nothing = || "nothing to choose".to_owned();
    let mine: Vec<_> = past
        .census
        .pairs
        .values()
        .filter(|it| it.people().is_some_and(|two| two.other(&who(o)).is_some()))
        .collect();
    let with_x = mine.iter().filter(|it| it.side_of(&who(x)).is_some());
    let with_x: Vec<_> = with_x.map(|it| it.id).collect();
    let mine: Vec<_> = mine.iter().map(|it| it.id).collect();
    let pair = if a.is_multiple_of(2) { pick(&with_x, b) } else { pick(&mine, b) };
    let offers: Vec<_> = past
        .census
        .proposals
        .values()
        .filter(|it| [&it.mentor_person, &it.mentee_person].contains(&&who(o)))
        .map(|it| it.id)
        .collect();
    let (offer, place) = (pick(&offers, a), pick(&side.places(past, o), a));
    let program = pick(&past.programs(), a);
    match what % 34 {
        0 => told(service.my_offers(&me, page(a)).await),
        1 => told(service.my_pairs(&me, page(a)).await),
        2 => told(service.my_enrollments(&me, page(a)).await),
        3 => told(service.my_audit(&me, page(a)).await),
        4 => format!(
            "{} {}",
            told(service.my_blocks(&me, page(a)).await),
            told(service.my_avoids(&me, page(a)).await)
        ),
        5 => told(service.my_reports(&me, page(a)).await),
        6 => told(service.my_statements(&me, page(a)).await),
        7 => match pair {
            Some(pair) => told(service.pair(&me, pair).await),
            None => nothing(),
        },
        8 => match pair {
            Some(pair) => told(service.thread(&me, pair, None, page(a)).await),
            None => nothing(),
        },
        9 => match pair {
            Some(pair) => told(service.check_ins(&me, pair, page(a)).await),
            None => nothing(),
        },
        10 => match pair {
            Some(pair) => told(service.partner_answers(&me, pair).await),
            None => nothing(),
        },
        11 | 12 => match pair {
            Some(pair) => told(service.restart_pair(&me, pair).await),
            None => nothing(),
        },
        13 | 14 => match offer {
            Some(offer) => told(service.accept(&me, offer).await),
            None => nothing(),
        },
        15 => match offer {
            Some(offer) => told(service.decline(&me, offer, None).await),
            None => nothing(),
        },
        16 => match pair {
            Some(pair) => {
                let body = Body::new("Are you there?").unwrap();
                told(service.post(&me, pair, &slug("hello"), None, body).await)
            }
            None => nothing(),
        },
        17 => match pair {
            Some(pair) => {
                told(service.end_pair(&me, pair, EndKind::NoTime, None, b.is_multiple_of(2)).await)
            }
            None => nothing(),
        },
        18 => match pair {
            Some(pair) => told(service.pause_pair(&me, pair, None).await),
            None => nothing(),
        },
        19 => match pair {
            Some(pair) => told(service.finish_step(&me, pair, &slug("hello")).await),
            None => nothing(),
        },
        20 => told(service.block(&me, &who(x)).await),
        21 => told(service.lift_block(&me, &who(x)).await),
        22 => told(service.avoid(&me, &who(x), b.is_multiple_of(2)).await),
        23 => told(service.wish_for(&me, &who(x), b.is_multiple_of(2)).await),
        24 | 25 => match program {
            Some(program) => {
                let report = ReportAsk::new(who(x), slug(["spam", "scam"][usize::from(b % 2)]));
                let report = if b.is_multiple_of(3) { report.block() } else { report };
                told(service.file_report(&me, program, report).await)
            }
            None => nothing(),
        },
        26 => match place {
            Some(place) => told(service.set_capacity(&me, place, b % 4).await),
            None => nothing(),
        },
        27 => match place {
            Some(place) => told(service.withdraw_enrollment(&me, place).await),
            None => nothing(),
        },
        28 => match program {
            Some(program) => {
                told(service.enroll(&me, program, sign_up(Role::ALL[usize::from(b % 2)])).await)
            }
            None => nothing(),
        },
        29 => match program {
            Some(program) => {
                let read = told(service.program(&me, program).await);
                format!("{read} {}", told(service.programs(&me, &group(), page(b)).await))
            }
            None => nothing(),
        },
        30 => {
            let ask = ExportAsk { limit: 500, after: None };
            told(service.export_person(&me, &who(o), ask).await)
        }
        31 | 32 => match program {
            Some(program) => {
                let page = told(service.directory(&me, program, None, page(b)).await);
                DIRECTORIES.fetch_add(usize::from(page.contains("DirectoryEntry")), Relaxed);
                match pick(&past.places(x), b) {
                    Some(place) => {
                        format!("{page} {}", told(service.directory_entry(&me, place).await))
                    }
                    None => page,
                }
            }
            None => nothing(),
        },
        33 if a >= 128 => match pair {
            Some(pair) => {
                let thread = service.thread(&me, pair, None, page(2)).await;
                let posts = thread.map(|it| it.posts).unwrap_or_default();
                let mine = posts.iter().filter(|it| it.author == who(o)).map(|it| it.id);
                match pick(&mine.collect::<Vec<_>>(), b) {
                    Some(written) if a.is_multiple_of(3) => {
                        let body = Body::new("I did not say that.").unwrap();
                        told(service.edit_post(&me, pair, written, body).await)
                    }
                    Some(written) => told(service.remove_post(&me, pair, written).await),
                    None => nothing(),
                }
            }
            None => nothing(),
        },
        _ => {
            side.days(i64::from(a % 20)).await;
            "time passes".to_owned()
        }
    }
}

/// How many acts there are of an admin, and the first of those on runs.
pub(crate) const ADMIN_ACTS: u8 = RUN_ACTS + runs::ACTS;
pub(crate) const RUN_ACTS: u8 = ADMIN_MERGES + 1;
const ADMIN_MERGES: u8 = 31 + ON_CASE;

/// An admin's act about `x`, and about a case that is there or not.
pub(crate) async fn admin(
    side: &Side,
    past: &Past,
    n: u64,
    x: u64,
    case: CaseId,
    act: [u8; 3],
) -> String {
    let [what, a, b] = act;
    let (service, me) = (&side.service, Actor::group_admin(tenant(), who(n), group()));
    let nothing = || "nothing to choose".to_owned();
    let places: Vec<EnrollmentId> = past.census.enrollments.keys().copied().collect();
    let of_x: Vec<_> = past.census.enrollments.values().filter(|it| it.person == who(x)).collect();
    let of_x: Vec<_> = side.back_of(x).into_iter().chain(of_x.iter().map(|it| it.id)).collect();
    let place = if b.is_multiple_of(2) { pick(&of_x, a) } else { pick(&places, a) };
    let pair = pick(&past.census.pairs.keys().copied().collect::<Vec<_>>(), a);
    let offer = pick(&past.census.proposals.keys().copied().collect::<Vec<_>>(), a);
    let Some(program) = pick(&past.programs(), b) else { return nothing() };
    match what % ADMIN_ACTS {
        0 | 1 => told(service.group_cases(&me, program, page(a)).await),
        2 => format!(
            "{} {}",
            told(service.case(&me, case).await),
            told(service.case_background(&me, case).await)
        ),
        3 => told(service.take_case(&me, case).await),
        4 => told(service.escalate_case(&me, case).await),
        5 => told(service.close_case(&me, case).await),
        6 => told(service.triage_case(&me, case, &slug("scam"), Priority::P3).await),
        7 => {
            let (outcome, reasons) = (Outcome::NoAction, reasons());
            let verdict = Verdict { outcome, measures: Vec::new(), reasons };
            told(service.decide_case(&me, case, verdict).await)
        }
        8 => told(service.answer_reviewer(&me, case, Body::new("Yes.").unwrap()).await),
        9 | 10 => pages(a, async |page| service.program_audit(&me, program, page).await).await,
        11 => told(service.audit(&me, page(a)).await),
        12 => {
            pages(a, async |page| service.enrollments(&me, program, None, None, page).await).await
        }
        13 => pages(a, async |page| service.pairs(&me, program, None, page).await).await,
        14 => pages(a, async |page| service.proposals(&me, program, None, page).await).await,
        15 => match place {
            Some(place) => told(service.candidates(&me, place, 20).await),
            None => nothing(),
        },
        16 => match place {
            Some(place) => told(service.application(&me, place).await),
            None => nothing(),
        },
        17 => match pair {
            Some(pair) => told(service.pair(&me, pair).await),
            None => nothing(),
        },
        18 | 19 => match (pick(&of_x, a), pick(&places, b)) {
            (Some(one), Some(other)) => {
                let there = told(service.stage_proposal(&me, one, other, None).await);
                format!("{there} {}", told(service.stage_proposal(&me, other, one, None).await))
            }
            _ => nothing(),
        },
        20 => match offer {
            Some(offer) => told(service.publish_proposal(&me, offer).await),
            None => nothing(),
        },
        21 => match offer {
            Some(offer) => told(service.withdraw_proposal(&me, offer).await),
            None => nothing(),
        },
        22 => match pair {
            Some(pair) => told(service.end_pair(&me, pair, EndKind::Other, None, true).await),
            None => nothing(),
        },
        23 => match place {
            Some(place) => told(service.approve(&me, place).await),
            None => nothing(),
        },
        24 => {
            let runs = pages(a, async |page| service.runs(&me, program, page).await).await;
            format!("{runs} {}", told(service.prepare_run(&me, program, RunOptions::new()).await))
        }
        25 => pages(a, async |page| service.testimonials(&me, program, page).await).await,
        26 => told(service.close_enrollment(&me, program).await),
        27 => told(service.statistics(&me, program).await),
        // Neither is an admin's to read; what staff reads stands in `around`.
        28 => told(service.signals(&me, page(a)).await),
        29 => {
            let listed =
                pages(a, async |page| service.directory(&me, program, None, page).await).await;
            match place {
                Some(place) => {
                    format!("{listed} {}", told(service.directory_entry(&me, place).await))
                }
                None => listed,
            }
        }
        what @ 31..ADMIN_MERGES => on_case(side, &me, case, [what - 31, a]).await,
        ADMIN_MERGES => merge(side, &me, program, case, [a, b]).await,
        what @ RUN_ACTS.. => runs::act(side, past, &me, program, [what - RUN_ACTS, a, b]).await,
        30 => {
            side.days(i64::from(a % 20)).await;
            "time passes".to_owned()
        }
    }
}
