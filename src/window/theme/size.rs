//! Lengths of the design in egui points: spacing, radii, heights, panels and strokes.

/// Spacing steps.
pub mod space {
    /// 2 points.
    pub const S1: f32 = 2.0;
    /// 4 points.
    pub const S2: f32 = 4.0;
    /// 6 points.
    pub const S3: f32 = 6.0;
    /// 8 points.
    pub const S4: f32 = 8.0;
    /// 12 points.
    pub const S5: f32 = 12.0;
    /// 16 points.
    pub const S6: f32 = 16.0;
    /// 24 points.
    pub const S7: f32 = 24.0;
    /// 32 points.
    pub const S8: f32 = 32.0;
    /// 48 points.
    pub const S9: f32 = 48.0;
}

/// Corner radii.
pub mod radius {
    /// Marks and slice squares.
    pub const MARK: u8 = 2;
    /// Chips.
    pub const CHIP: u8 = 3;
    /// Buttons, choices, inputs.
    pub const CONTROL: u8 = 5;
    /// Cards, banners, toasts.
    pub const CARD: u8 = 8;
    /// Floating windows.
    pub const WINDOW: u8 = 10;
}

/// Heights of bars, rows and controls.
pub mod height {
    /// Bar at the top of the window.
    pub const TOP_BAR: f32 = 44.0;
    /// Row of tabs.
    pub const TAB_BAR: f32 = 34.0;
    /// Toolbar of a view.
    pub const TOOLBAR: f32 = 38.0;
    /// Buttons, choices, inputs.
    pub const CONTROL: f32 = 26.0;
    /// Dense table row.
    pub const ROW_DENSE: f32 = 22.0;
    /// Table row.
    pub const ROW: f32 = 26.0;
    /// Rail row with a subdued second line.
    pub const ROW_TWO_LINE: f32 = 40.0;
    /// Header of a table.
    pub const TABLE_HEADER: f32 = 28.0;
    /// Header of a rail section.
    pub const RAIL_HEADER: f32 = 30.0;
    /// Row of name and value.
    pub const PROPERTY_ROW: f32 = 24.0;
    /// Line under a picture that says what is under the cursor.
    pub const READ_OUT: f32 = 30.0;
    /// Timeline strip.
    pub const TIMELINE: f32 = 46.0;
    /// Job strip.
    pub const JOB_STRIP: f32 = 30.0;
    /// Toast.
    pub const TOAST: f32 = 40.0;
    /// Banner.
    pub const BANNER: f32 = 38.0;
    /// Colour bar.
    pub const COLOUR_BAR: f32 = 10.0;
    /// Progress bar.
    pub const PROGRESS: f32 = 4.0;
}

/// Widths of the panels.
pub mod panel {
    /// Left rail.
    pub const RAIL: f32 = 232.0;
    /// Left rail at 1280 and below.
    pub const RAIL_NARROW: f32 = 184.0;
    /// Left rail at most.
    pub const RAIL_MAX: f32 = 320.0;
    /// Left rail folded to its icons.
    pub const RAIL_FOLDED: f32 = 44.0;
    /// Inspector.
    pub const INSPECTOR: f32 = 340.0;
    /// Inspector at 1280 and below.
    pub const INSPECTOR_NARROW: f32 = 288.0;
    /// Inspector at least.
    pub const INSPECTOR_MIN: f32 = 280.0;
    /// Inspector at most.
    pub const INSPECTOR_MAX: f32 = 520.0;
    /// Padding of a view.
    pub const VIEW_PADDING: f32 = 16.0;
    /// At this window width and below the narrow layout is taken.
    pub const NARROW: f32 = 1280.0;
    /// Under this window width the inspector becomes an overlay.
    pub const INSPECTOR_OVERLAY: f32 = 1100.0;
    /// Under this window width the rail folds.
    pub const RAIL_FOLDS: f32 = 900.0;
}

/// Widths of lines.
pub mod stroke {
    /// Lines between panels.
    pub const HAIRLINE: f32 = 1.0;
    /// Keyboard focus.
    pub const FOCUS: f32 = 2.0;
    /// Curves.
    pub const CURVE: f32 = 1.75;
    /// The curve that is selected.
    pub const CURVE_SELECTED: f32 = 2.5;
    /// Raw curve behind a smoothed one.
    pub const CURVE_GHOST: f32 = 1.0;
    /// H1 bars.
    pub const BAR_H1: f32 = 4.0;
    /// H0 bars.
    pub const BAR_H0: f32 = 2.0;
    /// Edge of a brush.
    pub const BRUSH_EDGE: f32 = 2.0;
}

/// Sizes of icons.
pub mod icon_size {
    /// In bars and buttons.
    pub const NORMAL: f32 = 16.0;
    /// In tabs and small controls.
    pub const SMALL: f32 = 14.0;
    /// In empty states.
    pub const EMPTY_STATE: f32 = 32.0;
}
