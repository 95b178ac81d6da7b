//! What holds for a while, and what is undone: the host's own filter, what a case holds until it is decided, and a
//! ban that falls with an appeal.

use mentorship_core::{
    base::{
        id::{CaseId, PostId},
        text::{Body, Note, Slug, Title},
    },
    decide::report::ReportAsk,
    model::{
        moderation::Moderation,
        report::{
            Content, Ground, InterimAsk, Measure, Outcome as CaseOutcome, Priority, Reasons,
            Ruling, Target, Verdict,
        },
    },
};
use mentorship_examples::harbour::Outcome;

use crate::{community::Community, eyes::Eyes, offered};

pub(crate) async fn measures(story: &Community) -> Outcome<()> {
    let mut eyes = Eyes::default();
    let post = filtered(story, &mut eyes).await?;
    let case = held(story, &mut eyes, post).await?;
    banned(story, &mut eyes, case).await
}

fn reasons(facts: &str) -> Outcome<Reasons> {
    Ok(Reasons {
        ground: Ground::Terms,
        clause: Title::new("Rule 3: nothing is sold here")?,
        facts: Note::new(facts)?,
        why: Note::new("The rule holds for whatever is offered for money.")?,
        detected: false,
        automated: false,
        redress: Note::new("You may appeal within six months; somebody else decides then.")?,
    })
}

/// The host's filter hides what Emil writes, and a moderator of the host's shows it again. There is no case.
async fn filtered(story: &Community, eyes: &mut Eyes) -> Outcome<PostId> {
    let s = &story.service;
    let post = offered(story).await?;
    let content = Content::Post { pair: story.pair, post };
    s.moderate(&story.host, content, Moderation::Hide).await?;
    eyes.look(story, "Emil writes of his course; the host\u{2019}s filter hides it", None).await?;
    s.moderate(&story.host, content, Moderation::Show).await?;
    eyes.look(story, "A moderator of the host\u{2019}s looks at it and shows it again", None)
        .await?;
    Ok(post)
}

/// While the case is open it holds the pair, Emil's place and his words, and lets go of some of it.
async fn held(story: &Community, eyes: &mut Eyes, post: PostId) -> Outcome<CaseId> {
    let s = &story.service;
    story.pass(1);
    let report = ReportAsk::new(Community::emil_key(), Slug::new("scam")?)
        .target(Target::Post { pair: story.pair, post });
    let case = s.file_report(&story.ben, story.program, report).await?.case;
    s.triage_case(&story.pia, case, &Slug::new("scam")?, Priority::P2).await?;
    s.take_case(&story.pia, case).await?;
    let words = InterimAsk::WithdrawContent { content: Content::Post { pair: story.pair, post } };
    for measure in [InterimAsk::FreezePair, InterimAsk::SuspendEnrollments, words] {
        s.take_interim(&story.pia, case, measure).await?;
    }
    eyes.look(story, "Ben reports it; Pia freezes, suspends and withdraws meanwhile", Some(case))
        .await?;

    story.pass(1);
    for measure in [InterimAsk::FreezePair, InterimAsk::SuspendEnrollments] {
        s.lift_interim(&story.pia, case, measure).await?;
    }
    eyes.look(story, "Pia lets the pair and the place go on; the words stay away", Some(case))
        .await?;
    Ok(case)
}

/// Emil is banned, and with his appeal the ban falls.
async fn banned(story: &Community, eyes: &mut Eyes, case: CaseId) -> Outcome<()> {
    let s = &story.service;
    story.pass(1);
    let measures = vec![Measure::RemoveContent, Measure::BanFromGroup { until: None }];
    let reasons_of_pia = reasons("You offered a course for money.")?;
    let verdict = Verdict { outcome: CaseOutcome::Actioned, measures, reasons: reasons_of_pia };
    s.decide_case(&story.pia, case, verdict).await?;
    eyes.look(story, "Pia decides: the words go, and Emil is banned from the group", Some(case))
        .await?;

    story.pass(3);
    s.appeal_case(&story.emil, case, Body::new("It was one sentence.")?).await?;
    let milder = reasons("One offer, and no money paid.")?;
    s.rule_on_appeal(&story.quinn, case, Ruling::Changed, &[Measure::Warn], milder).await?;
    eyes.look(story, "Emil appeals; Quinn changes it to a warning, and the ban is gone", Some(case))
        .await
}
