//! A full disk under `SQLite`: writes fail as what they are, nothing that was acknowledged is lost,
//! nothing is half there, and once there is space again the same store goes on.
//!
//! The disk is a small file system in memory, for which a test has to be root; for anybody else it is
//! not run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use common::{
    crowd::undisturbed,
    dice::Dice,
    ledger::{Ledger, sound},
    private::not_run,
    runtime,
    story::{Stage, Story},
};
use mentorship_core::{
    conformance::make::tenant,
    service::Error,
    store::{ListAsk, Listing, Store},
};
use mentorship_sqlx::{
    Prefix, SqliteStore,
    sqlx::{
        self, SqlitePool,
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    },
};
use tempfile::TempDir;

/// How often the disk is filled, each time at another place in what a command writes.
const ROUNDS: u64 = 12;

/// A small disk that is gone with the value.
struct Disk(TempDir);

impl Disk {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let option = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(folder.path());
        let mounted = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        mounted.then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Fills what is left, but for so many pages, with a file that can be deleted.
    fn fill_but(&self, pages: u64) {
        let ballast = self.path().join("ballast");
        let mut file = fs::File::options().create(true).append(true).open(&ballast).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
        let full = file.metadata().unwrap().len();
        file.set_len(full.saturating_sub(pages * 4096)).unwrap();
    }

    fn free(&self) {
        fs::remove_file(self.path().join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// Somebody who plays story after story and does not give up a command.
struct Player {
    store: Arc<dyn Store>,
    stage: Stage,
    tale: Story,
    told: u64,
    heard: BTreeMap<u64, String>,
}

impl Player {
    /// Sets the stage; what the undisturbed story 0 is told is heard too.
    async fn begin(store: Arc<dyn Store>) -> Self {
        let stage = Stage::set(store.clone()).await;
        let first = undisturbed(stage, &store).await;
        let heard = first.into_iter().map(|done| (done.number, done.reply)).collect();
        Self { store, stage, tale: Story::new(stage, 1), told: 1, heard }
    }

    /// Gives the next command, or once more the one that failed.
    async fn go_on(&mut self) -> Result<(), Error> {
        if self.tale.next().is_none() {
            self.told += 1;
            self.tale = Story::new(self.stage, self.told);
        }
        let done = self.tale.go_on(&self.store, 1).await?;
        assert_eq!(self.heard.insert(done.number, done.reply), None);
        Ok(())
    }

    /// Everything that was acknowledged is there, whole, and nothing else.
    async fn check(&self, rows: &SqlitePool, acts: &[Vec<String>]) {
        let ledger = Ledger::sqlite(rows, &Prefix::default()).await;
        let checked = ledger.check(acts, &self.heard).unwrap();
        assert_eq!((checked.whole, checked.unheard), (self.heard.len(), 0));
    }
}

#[test]
fn a_full_disk_loses_nothing_and_the_store_goes_on() {
    let Some(disk) = Disk::mount("16m") else {
        return not_run("SQLite on a full disk", "no small file system could be mounted");
    };
    runtime().block_on(async {
        let file = disk.path().join("mentorship.db");
        let store = SqliteStore::open(&file).await.unwrap();
        store.migrate().await.unwrap();
        let mut player = Player::begin(Arc::new(store.clone())).await;
        let options = SqliteConnectOptions::new().filename(&file);
        let rows = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let acts = Ledger::sqlite(&rows, &Prefix::default()).await.acts(0);
        let mut met = 0;
        let mut dice = Dice::cast("a full disk");
        for round in 1..=ROUNDS {
            disk.fill_but(dice.below(40));
            // It stays full, though a smaller write may still fit.
            while met < round * 3 {
                if let Err(error) = player.go_on().await {
                    assert_eq!(error.code(), "store.full", "{error:?}");
                    met += 1;
                }
            }
            // Reading goes on.
            player.check(&rows, &acts).await;
            let what = Listing::Programs { group: None };
            let ask = ListAsk { tenant: tenant(), what, after: None, limit: 9 };
            assert_eq!(store.unit().await.unwrap().list(&ask).await.unwrap().items.len(), 1);
            disk.free();
            // The command that failed is given again, and more.
            for _ in 0..5 {
                player.go_on().await.unwrap();
            }
        }
        let integrity: String =
            sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&rows).await.unwrap();
        assert_eq!(integrity, "ok");
        player.check(&rows, &acts).await;
        sound(&player.store, player.stage, &player.heard).await;
        rows.close().await;
        store.close().await;
        let heard = player.heard.len();
        eprintln!("a full disk: met {met} times, {heard} commands acknowledged, each once");
    });
}
