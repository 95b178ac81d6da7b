//! Somebody may be in danger: who hears of it at once, and what the reporter is shown.

use mentorship_core::{
    base::text::{Body, Slug},
    decide::report::ReportAsk,
    model::report::Resources,
    service::PageAsk,
};
use mentorship_examples::harbour::Outcome;

use crate::community::Community;

fn show(resources: &Resources) {
    for it in resources {
        let text = it.text.as_ref().map_or("", |text| text.as_str());
        let link = it.link.as_ref().map_or("", |link| link.as_str());
        println!("    {} ({link}): {text}", it.name.as_str());
    }
}

/// Ben fears for Emil. Before he is answered the host is told, which calls somebody of its own; he is shown where the
/// host says that help is found. The library itself contacts nobody.
pub(crate) async fn danger(story: &Community) -> Outcome<()> {
    let s = &story.service;
    let report = ReportAsk::new(Community::emil_key(), Slug::new("imminent_danger")?)
        .text(Body::new("He wrote that he cannot go on.")?);
    println!("Ben reports that Emil may be in danger.");
    let receipt = s.file_report(&story.ben, story.program, report).await?;
    println!("  Ben is shown, with his receipt:");
    show(&receipt.resources);
    story.pass(1);
    println!("  and a day later, beside his report:");
    for report in s.my_reports(&story.ben, PageAsk::default()).await?.items {
        show(&report.resources);
    }
    let queue = s.platform_cases(&story.quinn, PageAsk::default()).await?.items;
    let case = queue.first().ok_or("it is the platform's")?;
    println!("  The platform\u{2019}s queue: {} {}", case.priority, case.category);
    Ok(())
}
