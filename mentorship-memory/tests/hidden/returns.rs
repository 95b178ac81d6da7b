//! Somebody who was erased and is there again, or who goes by another key now (D10).

use mentorship_core::{
    conformance::{
        make::{group, tenant, who},
        world::sign_up,
    },
    model::{enrollment::Role, pair::EndKind},
    policy::actor::Actor,
    service::Error,
};

use crate::worlds::{Past, Side};

/// The key that somebody of the history may come back with.
pub(crate) const NEWCOMER: u64 = 61;

/// Who comes back, and how: the same in both worlds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Return {
    pub(crate) x: u64,
    pub(crate) o: u64,
    /// What `x` goes by now.
    pub(crate) key: u64,
    /// Whether `x` was erased before. Whoever was not has two keys.
    pub(crate) erased: bool,
    /// Whether it is `o` who has said something about `x`, and not `x` about `o`.
    pub(crate) by_o: bool,
}

/// What stands between the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Nothing,
    Block,
    Avoid,
    /// Nothing, but whoever might have said it takes nobody any more.
    Full,
}

/// What one of two worlds has and the other has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) said: Said,
    /// Whether the host has said whose other key it is, if it is another one.
    pub(crate) told: bool,
}

impl Kept {
    /// Whether the two cannot meet, for one reason or another.
    fn is_apart(self, it: Return) -> bool {
        match self.said {
            Said::Nothing => false,
            Said::Block | Said::Avoid => self.told || it.key == it.x,
            Said::Full => true,
        }
    }
}

/// Whether an admin may try to bring the two together without anybody seeing from that which world it is.
pub(crate) fn may_be_tried(it: Return, facts: [Kept; 2]) -> bool {
    facts.iter().all(|kept| kept.is_apart(it))
}

/// The ids of what is done before the first act of a reader begin here: the same in both worlds, whatever a world
/// does less.
const UNLISTED: u64 = 999;
const SAID: u64 = 1_000;
const ERASED: u64 = 1_001;
const TOLD: u64 = 1_002;
const TRIED: u64 = 1_003;
const SIGNED_UP: u64 = 1_100;

fn person(n: u64) -> Actor {
    Actor::person(tenant(), who(n))
}

impl Side {
    /// Somebody says something, is erased, and is there again.
    pub(crate) async fn come_back(
        &self,
        past: &Past,
        it: Return,
        kept: Kept,
        is_tried: bool,
    ) -> Result<(), Error> {
        let Return { x, o, key, erased, by_o } = it;
        let (s, host) = (&self.service, Actor::host(tenant()));
        let (by, about) = if by_o { (o, x) } else { (x, o) };
        // A directory tells whoever is full from whoever avoids somebody.
        self.turn(UNLISTED);
        for n in [x, o] {
            for place in self.places(past, n) {
                drop(s.show_to_group(&person(n), place, false).await);
            }
        }
        self.turn(SAID);
        match kept.said {
            Said::Block => s.block(&person(by), &who(about)).await?,
            Said::Avoid => s.avoid(&person(by), &who(about), true).await?,
            Said::Full if by_o => self.take_nobody(past, o).await,
            Said::Full | Said::Nothing => {}
        }
        // A block ends what is live, which the other one sees as any other end (D2).
        if kept.said != Said::Block && !by_o {
            for pair in past.live(x, o) {
                s.end_pair(&person(x), pair, EndKind::NotAFit, None, false).await?;
            }
        }
        self.turn(ERASED);
        if erased {
            drop(s.erase_person(&person(x), &who(x)).await?);
        }
        self.sign_up_again(past, key, Role::ALL[usize::from(x % 2 == 0)]).await;
        self.turn(TOLD);
        if kept.told && key != x {
            s.same_person(&host, &who(key), &who(x)).await?;
        }
        if kept.said == Said::Full && !by_o {
            self.take_nobody(past, key).await;
        }
        self.turn(TRIED);
        if is_tried {
            self.try_to_pair(past, key, o).await;
        }
        Ok(())
    }

    async fn take_nobody(&self, past: &Past, n: u64) {
        for place in self.places(past, n) {
            drop(self.service.set_capacity(&person(n), place, 0).await);
        }
    }

    /// In every program that takes them, where an admin approves of them.
    async fn sign_up_again(&self, past: &Past, key: u64, role: Role) {
        let admin = Actor::group_admin(tenant(), who(900), group());
        for (turn, program) in (SIGNED_UP..).step_by(2).zip(past.programs()) {
            self.turn(turn);
            let signed_up = self.service.enroll(&person(key), program, sign_up(role)).await;
            let Ok((place, _)) = signed_up else { continue };
            self.is_back(key, place);
            self.turn(turn + 1);
            drop(self.service.approve(&admin, place).await);
        }
    }

    /// An admin offers the two to each other wherever both are.
    async fn try_to_pair(&self, past: &Past, key: u64, o: u64) {
        let (s, admin) = (&self.service, Actor::group_admin(tenant(), who(902), group()));
        for one in self.places(past, key) {
            for other in self.places(past, o) {
                for (mentor, mentee) in [(one, other), (other, one)] {
                    let staged = s.stage_proposal(&admin, mentor, mentee, None).await;
                    if let Ok(staged) = staged {
                        drop(s.publish_proposal(&admin, staged.proposal).await);
                    }
                }
            }
        }
    }
}
