//! Offers: made, published, answered, over.

pub mod acts;
pub mod answer;
pub mod fall;
pub mod introduce;
pub mod possible;
pub mod publish;
pub mod restart;
pub mod stage;
pub mod tried;

pub use self::{
    answer::{Accepted, accept, decline},
    fall::{expire, withdraw},
    possible::{Obstacle, Purpose, possible},
    publish::{Published, next_choice, publish},
    restart::restart,
    stage::stage,
    tried::Tried,
};
