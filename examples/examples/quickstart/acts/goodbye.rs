//! The end of the program, and what is left of it.

use std::{collections::BTreeMap, path::Path};

use chrono::TimeDelta;
use mentorship_core::{model::pair::EndKind, service::PageAsk};
use mentorship_examples::people;

use crate::{
    Outcome, row,
    show::{chapter, table},
    story::Story,
};

impl Story {
    /// The program winds down; what is left ends with notice.
    pub(crate) async fn goodbye(&mut self) -> Outcome<()> {
        chapter("Goodbye");
        self.service.wind_down_program(&self.admin, self.program).await?;
        self.sweep().await?;
        let at = self.service.schedule_archive(&self.admin, self.program).await?;
        println!(
            "  The program winds down; pairs still on their way have until {}.",
            at.date_naive()
        );
        self.clock.advance(TimeDelta::days(15));
        while !self.sweep().await?.is_empty() {}
        self.relay().await?;
        let mut states: BTreeMap<(String, String), u32> = BTreeMap::new();
        let mut page = PageAsk { limit: 500, after: None };
        loop {
            let cards = self.service.pairs(&self.admin, self.program, None, page.clone()).await?;
            for card in &cards.items {
                let reason = card.reason.map_or("", EndKind::code);
                *states.entry((card.state.to_string(), reason.to_owned())).or_insert(0) += 1;
            }
            page.after = cards.next;
            if page.after.is_none() {
                break;
            }
        }
        let rows: Vec<_> = states.iter().map(|((state, why), n)| row![state, why, n]).collect();
        table(&["pair", "reason the admin may read", "pairs"], &rows);
        println!();
        let delivered = self.delivered.iter();
        let rows: Vec<_> = delivered.map(|((kind, title), n)| row![kind, title, n]).collect();
        table(&["messages handed to the platform", "in English", "times"], &rows);
        Ok(())
    }

    /// Where everything is, and what to look at next.
    pub(crate) async fn look_at(&self, file: &Path) -> Outcome<()> {
        let status = self.store.status().await?;
        let bytes = std::fs::metadata(file)?.len();
        chapter("What is left");
        println!(
            "  {} ({} KB, schema {}) holds all of it.",
            file.display(),
            bytes / 1024,
            status.len()
        );
        println!("  Look inside with any SQLite client:");
        for sql in [
            "SELECT state, COUNT(*) FROM mentorship_pairs GROUP BY state;",
            "SELECT action, reason, COUNT(*) FROM mentorship_audit GROUP BY 1, 2 ORDER BY 3 DESC;",
        ] {
            println!("    {sql}");
        }
        println!(
            "  The tables are described in mentorship-sqlx/SCHEMA.md. To put it into your own"
        );
        println!("  platform, start from the quick start in README.md and the traits in");
        println!("  mentorship_core::service::ports; ARCHITECTURE.md shows where things are.");
        println!("\n  {}", people::ATTRIBUTION);
        Ok(())
    }
}
