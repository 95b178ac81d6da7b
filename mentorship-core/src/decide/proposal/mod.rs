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
    publish::{Published, next_choice, publish, publish_as_sole_admin},
    restart::restart,
    stage::{stage, stage_as_sole_admin, stage_of_run},
    tried::Tried,
};
