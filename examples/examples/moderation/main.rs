//! A report from its filing to the appeal, as each of those concerned sees it, side by side:
//!
//! ```text
//! cargo run --example moderation
//! ```
//!
//! Ben is mentored by Emil, who is also an admin of the group. Emil tries to sell something; Ben reports it.
//! A report about an admin goes to the platform alone, and for Emil as an admin there is no case: the example
//! plays the same weeks once more without a report and compares all that he can read.
//!
//! Then the same people once more, with what holds for a while and what is undone, and at last somebody who erases
//! himself and comes back, and somebody who may be in danger.
//!
//! `main` is the story, `measures`, `returning` and `danger` what comes after it, `community` the people and the host, `eyes`
//! what each of them can see.

mod community;
mod danger;
mod eyes;
mod measures;
mod returning;

use community::Community;
use eyes::Eyes;
use mentorship_core::{
    base::{
        id::{CaseId, PostId},
        text::{Body, Note, Slug, Title},
    },
    decide::report::ReportAsk,
    model::{
        pair::EndKind,
        report::{
            Exhibit, Ground, Item, Measure, Outcome as CaseOutcome, Priority, Reasons, Ruling,
            Target, Verdict, verify,
        },
    },
};
use mentorship_examples::harbour::Outcome;

#[tokio::main]
async fn main() -> Outcome<()> {
    let story = Community::new().await?;
    let mut eyes = Eyes::default();
    let case = reported(&story, &mut eyes).await?;
    let with_a_case = eyes.as_admin(&story).await?;
    decided(&story, &mut eyes, case).await?;
    appealed(&story, &mut eyes, case).await?;

    let story = Community::new().await?;
    ended(&story).await?;
    let without = Eyes::default().as_admin(&story).await?;
    if with_a_case != without {
        return Err(format!("an accused admin can tell:\n{with_a_case}\n{without}").into());
    }
    println!(
        "\nThe same weeks without a report, in which Ben just ends the mentorship: all that Emil can"
    );
    println!("read as an admin is the same, byte for byte ({} bytes compared).", without.len());

    println!("\nThe same people once more: what holds for a while, and what is undone.");
    measures::measures(&Community::new().await?).await?;

    println!("\nAnd once more: somebody comes back.");
    returning::returning(&Community::new().await?).await?;

    println!("\nAnd a last time: somebody may be in danger.");
    danger::danger(&Community::new().await?).await
}

/// Emil sells, Ben reports that, Emil takes his words back.
async fn reported(story: &Community, eyes: &mut Eyes) -> Outcome<CaseId> {
    let s = &story.service;
    let post = offered(story).await?;
    eyes.look(
        story,
        "Emil writes: \u{201c}I can tell you more in my course, 400 euros.\u{201d}",
        None,
    )
    .await?;

    story.pass(1);
    let report = ReportAsk::new(Community::emil_key(), Slug::new("scam")?)
        .target(Target::Post { pair: story.pair, post })
        .text(Body::new("He offers to sell me a course.")?)
        .end_pair();
    let case = s.file_report(&story.ben, story.program, report).await?.case;
    eyes.look(story, "Ben reports the post and ends the mentorship, in one step", Some(case))
        .await?;

    story.pass(1);
    s.remove_post(&story.emil, story.pair, post).await.err();
    let file = s.case(&story.pia, case).await?;
    verify(&file.case, &file.evidence)?;
    println!("\nWhat Pia of the platform reads, as it was sealed when the report was filed:");
    for item in &file.evidence {
        let Some(Exhibit { author, reported, item, .. }) = item.read()? else { continue };
        let text = match item {
            Item::Post { body, .. } => body.map(|it| it.as_str().to_owned()),
            Item::Words { text, .. } => text.map(|it| it.as_str().to_owned()),
            _ => None,
        };
        let mark = if reported { "reported: " } else { "" };
        println!("  {author:?}: {mark}{}", text.unwrap_or_else(|| "(no words)".to_owned()));
    }
    println!("  every seal holds");
    Ok(case)
}

/// What Emil writes, and will be reported for.
async fn offered(story: &Community) -> Outcome<PostId> {
    let step = Slug::new("conversation")?;
    let offer = Body::new("I can tell you more in my course, 400 euros.")?;
    let s = &story.service;
    Ok(s.post(&story.emil, story.pair, &step, None, offer).await?.post)
}

/// The same weeks without a report.
async fn ended(story: &Community) -> Outcome<()> {
    let s = &story.service;
    let post = offered(story).await?;
    story.pass(1);
    s.end_pair(&story.ben, story.pair, EndKind::Other, None, false).await?;
    story.pass(1);
    s.remove_post(&story.emil, story.pair, post).await.err();
    Ok(())
}

/// Pia works the case and decides it.
async fn decided(story: &Community, eyes: &mut Eyes, case: CaseId) -> Outcome<()> {
    let s = &story.service;
    s.triage_case(&story.pia, case, &Slug::new("scam")?, Priority::P2).await?;
    s.take_case(&story.pia, case).await?;
    s.ask_reporter(&story.pia, case, Note::new("Did he ask before, outside of the program?")?)
        .await?;
    eyes.look(story, "Pia takes the case and asks Ben", Some(case)).await?;

    s.answer_reviewer(&story.ben, case, Body::new("No, only there.")?).await?;
    story.pass(2);
    let verdict = Verdict {
        outcome: CaseOutcome::Actioned,
        measures: vec![Measure::Warn, Measure::RemoveFromProgram],
        reasons: Reasons {
            ground: Ground::Terms,
            clause: Title::new("Rule 3: nothing is sold here")?,
            facts: Note::new("You offered a course for money.")?,
            why: Note::new("The rule holds for a course as for anything else.")?,
            detected: false,
            automated: false,
            redress: Note::new("You may appeal within six months; somebody else decides then.")?,
        },
    };
    s.decide_case(&story.pia, case, verdict).await?;
    eyes.look(story, "Ben answers; Pia decides: a warning, and out of the program", Some(case))
        .await
}

/// Emil appeals, and somebody else rules on it.
async fn appealed(story: &Community, eyes: &mut Eyes, case: CaseId) -> Outcome<()> {
    let s = &story.service;
    story.pass(3);
    s.appeal_case(&story.emil, case, Body::new("It was one sentence, and he had asked.")?).await?;
    eyes.look(story, "Emil appeals", Some(case)).await?;

    let reasons = || -> Outcome<Reasons> {
        Ok(Reasons {
            ground: Ground::Terms,
            clause: Title::new("Rule 3: nothing is sold here")?,
            facts: Note::new("One offer, taken back, and no money paid.")?,
            why: Note::new("The rule holds for a course as for anything else.")?,
            detected: false,
            automated: false,
            redress: Note::new("This is final here; courts are open to you.")?,
        })
    };
    let own = s.rule_on_appeal(&story.pia, case, Ruling::Upheld, &[], reasons()?).await;
    let refused = own.err().ok_or("nobody rules on an appeal against themselves")?;
    println!("\nPia may not rule on her own decision: {refused}");
    s.rule_on_appeal(&story.quinn, case, Ruling::Changed, &[Measure::Warn], reasons()?).await?;
    eyes.look(
        story,
        "Quinn of the platform changes it: a warning was enough, Emil may apply anew",
        Some(case),
    )
    .await
}
