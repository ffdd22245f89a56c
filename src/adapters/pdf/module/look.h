#pragma once
#include <string>

#include "adapters/pdf/module/typeset.h"

/// How it all looks, in one place. Lengths in points, A4.
namespace steward::pdf {

inline constexpr double kPageWidth = 595.276, kPageHeight = 841.89;
inline constexpr double kMargin = 57, kRight = kPageWidth - kMargin, kWidth = kRight - kMargin;
inline constexpr double kFirstTop = 57;              ///< of the letterhead
inline constexpr double kNextTop = 96;               ///< of the text of later pages, below their running head
inline constexpr double kBottom = kPageHeight - 74;  ///< where the text ends
inline constexpr double kFoot = kPageHeight - 52;    ///< where the line at the foot begins

inline constexpr Style kTitle{.size = 27, .leading = 1.2};
inline constexpr Style kName{.size = 14, .bold = true, .leading = 1.25};
inline constexpr Style kBody{.size = 9.5};
inline constexpr Style kStrong{.size = 9.5, .bold = true};
inline constexpr Style kTotal{.size = 12, .bold = true};
inline constexpr Style kHeading{.size = 11, .bold = true};
inline constexpr Style kSmall{.size = 8, .leading = 1.45};
inline constexpr Style kLabel{.size = 7.5, .spacing = 0.15};
inline constexpr Style kTag{.size = 8, .bold = true, .spacing = 0.3};  // wider, and a search would find four letters
inline constexpr Style kFootnote{.size = 7.5, .cut = true};
inline constexpr Style kWatermark{.size = 150, .bold = true, .leading = 1, .spacing = 6};

inline constexpr Colour kInk{0.10, 0.11, 0.12}, kGrey{0.42, 0.44, 0.46}, kHairline{0.86, 0.87, 0.88};
inline constexpr Colour kPale{0.945, 0.95, 0.955}, kPaleRed{0.985, 0.925, 0.92}, kRed{0.72, 0.11, 0.11};

/// The studio's colour, and what text is written in it: the ink where it is too light to be read.
struct Palette {
  Colour accent, text;
};

/// Of "#1F3A5F"; anything else is the house's own.
Palette palette_of(const std::string& colour);

}  // namespace steward::pdf
