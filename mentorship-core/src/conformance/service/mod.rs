//! What a program is for, from end to end, on the store under test.

mod access;
mod guide;
mod offers;
mod programs;
mod record;
mod safety;
mod signup;

pub use self::{access::*, guide::*, offers::*, programs::*, record::*, safety::*, signup::*};
use super::{census::Watch, world::World};

async fn sound(world: &World) {
    let checked = Watch::default().check(&*world.store, world.now()).await;
    if let Err(broken) = checked {
        panic!("{broken}");
    }
}
