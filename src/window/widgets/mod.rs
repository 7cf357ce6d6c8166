//! The small parts every view is made of; one part a file. All take their colours from the theme of the `Ui`.

pub mod banner;
pub mod button;
pub mod checkbox;
pub mod chip;
pub mod choice;
pub mod colour_bar;
pub mod empty_state;
pub mod focus;
pub mod heading;
pub mod legend;
pub mod paint;
pub mod progress;
pub mod property_row;
pub mod search_box;
pub mod segmented;
pub mod skeleton;
pub mod table;
pub mod text_field;
pub mod toast;
pub mod toolbar;

pub use banner::Banner;
pub use button::{Button, IconButton, link};
pub use checkbox::checkbox;
pub use chip::{Mind, mind_chip, mind_mark};
pub use choice::{choice, choice_form, choice_row, menu};
pub use empty_state::EmptyState;
pub use focus::focus_ring;
pub use heading::section_heading;
pub use progress::{ProgressState, progress_bar};
pub use property_row::property_row;
pub use search_box::search_box;
pub use segmented::segmented;
pub use skeleton::{skeleton, skeleton_block, skeleton_table};
pub use text_field::text_field;
pub use toolbar::{toolbar, toolbar_exporting};
