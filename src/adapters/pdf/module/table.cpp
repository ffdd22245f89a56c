// Tables: a header that every page repeats, rows that stay whole, sums that never leave the last of them.

#include <algorithm>
#include <numeric>

#include "adapters/pdf/module/pages.h"

namespace steward::pdf {
namespace {

constexpr double kGap = 16;            // between columns
constexpr std::size_t kManyRows = 20;  // from which on they stand closer
constexpr double kLeastWords = 70;     // of a column of words
constexpr double kSomeLines = 60;
constexpr double kUnlimited = -1;

struct Cell {
  Block block;
  double x = 0;
};

struct Row {
  std::vector<Cell> cells;
  double height = 0;
};

class Setter {
 public:
  Setter(const Desk& desk, std::size_t index)
      : desk_(desk),
        table_(desk.document.tables[index]),
        index_(index),
        padding_(table_.rows.size() > kManyRows ? 3.5 : 6.5) {
    for (const auto& column : table_.columns)
      header_.cells.push_back({desk_.type.set(column.title, kLabel, kUnlimited, "columns"), 0});
    set_narrow_cells();
    share_width();
    set_wide_cells();
    for (const auto& sum : table_.sums) set_sum(sum);
  }

  void compose() {
    auto& pages = desk_.pages;
    put_heading();
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (i > 0 && keep_height(i) > pages.room() && keep_height(i) <= capacity()) {
        pages.next();
        put_header();
      }
      put_row(rows_[i]);
    }
    put_sums();
    pages.y += 26;
  }

 private:
  bool is_words(std::size_t column) const { return table_.columns[column].is == Column::Is::words; }

  void set_narrow_cells() {
    rows_.resize(table_.rows.size());
    for (auto& row : rows_) row.cells.resize(table_.columns.size());
    for (std::size_t c = 0; c < table_.columns.size(); ++c) {
      widths_.push_back(header_.cells[c].block.width());
      for (std::size_t r = 0; r < rows_.size() && !is_words(c); ++r) {
        rows_[r].cells[c].block = set_cell(r, c, kUnlimited);
        widths_[c] = std::max(widths_[c], rows_[r].cells[c].block.width());
      }
    }
  }

  // What the columns of figures and brief words take, none more than `most`.
  double taken(double most) const {
    double out = kGap * static_cast<double>(widths_.size() - (widths_.empty() ? 0 : 1));
    for (std::size_t c = 0; c < widths_.size(); ++c)
      if (!is_words(c)) out += std::min(widths_[c], most);
    return out;
  }

  // They are as wide as their widest, as long as the words keep some room; then the widest of them are broken.
  void share_width() {
    double most = kWidth;
    while (most > 1 && taken(most) > kWidth - kLeastWords) --most;
    const auto rest = kWidth - taken(most);
    const auto wide = std::ranges::count(table_.columns, Column::Is::words, &Column::is);
    double x = kMargin;
    for (std::size_t c = 0; c < widths_.size(); ++c) {
      left_.push_back(x);
      widths_[c] = is_words(c) ? rest / static_cast<double>(wide) : std::min(widths_[c], most);
      for (std::size_t r = 0; r < rows_.size() && !is_words(c); ++r)
        if (auto& block = rows_[r].cells[c].block; block.width() > widths_[c] + 0.01)
          block = set_cell(r, c, widths_[c]);
      x += widths_[c] + kGap;
    }
  }

  void set_wide_cells() {
    place(header_);
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      for (std::size_t c = 0; c < widths_.size(); ++c)
        if (is_words(c)) rows_[r].cells[c].block = set_cell(r, c, widths_[c]);
      place(rows_[r]);
      rows_[r].height += 2 * padding_;
    }
  }

  void place(Row& row) {
    for (std::size_t c = 0; c < row.cells.size(); ++c) {
      auto& cell = row.cells[c];
      const bool right = table_.columns[c].is == Column::Is::figure;
      cell.x = right ? left_[c] + widths_[c] - cell.block.width() : left_[c];
      row.height = std::max(row.height, cell.block.height());
    }
  }

  Block set_cell(std::size_t row, std::size_t column, double width) const {
    if (column >= table_.rows[row].size()) return {};
    const auto side = table_.columns[column].is == Column::Is::figure ? Side::right : Side::left;
    return desk_.type.set(table_.rows[row][column], kBody, width, cell_name(desk_.document, index_, row, column), side);
  }

  struct SumRow {
    Block label, amount;
    double height;
    bool strong;
  };

  void set_sum(const Sum& sum) {
    const auto& style = sum.strong ? kTotal : kBody;
    SumRow out{desk_.type.set(sum.label, sum.strong ? kStrong : kBody, kSums - 120, "sums.label"),
               desk_.type.set(sum.amount, style, kSums, "sums." + sum.label, Side::right), 0, sum.strong};
    out.height = std::max(out.label.height(), out.amount.height()) + (sum.strong ? 13 : 6);
    sums_height_ += out.height;
    sums_.push_back(std::move(out));
  }

  double header_height() const { return header_.height + 7; }
  double capacity() const { return Pages::most_room() - header_height(); }
  double sums_height() const { return sums_.empty() ? 0 : sums_height_ + 8; }

  // What must stand on one page with the row: the sums with the last one, and the last two rows with each other, so
  // that no page begins with a single one.
  double keep_height(std::size_t row) const {
    const auto last = rows_.size() - 1;
    if (row == last) return rows_[row].height + sums_height();
    const auto both = rows_[row].height + rows_[last].height + sums_height();
    return row + 1 == last && both <= capacity() ? both : rows_[row].height;
  }

  void put_header() {
    auto& pages = desk_.pages;
    for (const auto& cell : header_.cells) pages.text(cell.block, cell.x, pages.y, kGrey);
    pages.y += header_height();
    pages.rule(kMargin, kRight, pages.y, 0.9, desk_.palette.accent);
  }

  void put_heading() {
    auto& pages = desk_.pages;
    const auto heading = desk_.type.set(table_.heading, kHeading, kWidth, "heading");
    const auto above = table_.heading.empty() ? 0 : heading.height() + 10;
    const auto first = rows_.empty() ? sums_height() : keep_height(0);
    pages.need(above + header_height() + (first > capacity() - above ? kSomeLines : first));  // a giant begins at once
    pages.text(heading, kMargin, pages.y, kInk);
    pages.y += above;
    if (!rows_.empty()) put_header();
  }

  void put_row(const Row& row) {
    auto& pages = desk_.pages;
    if (row.height > pages.room()) return put_in_pieces(row);
    for (const auto& cell : row.cells) pages.text(cell.block, cell.x, pages.y + padding_, kInk);
    end_row(row.height);
  }

  void end_row(double height) {
    desk_.pages.y += height;
    desk_.pages.rule(kMargin, kRight, desk_.pages.y, 0.5, kHairline);
  }

  // A row that is longer than a page goes on over the next ones.
  void put_in_pieces(const Row& row) {
    auto& pages = desk_.pages;
    std::vector<std::size_t> at(row.cells.size(), 0);
    for (bool more = true; more;) {
      more = false;
      double used = 0;
      for (std::size_t c = 0; c < at.size(); ++c) {
        const auto& lines = row.cells[c].block.lines();
        auto end = at[c];
        while (end < lines.size() && lines[end].bottom - lines[at[c]].top <= pages.room() - 2 * padding_) ++end;
        if (end > at[c]) {
          pages.text(row.cells[c].block, row.cells[c].x, pages.y + padding_, kInk, at[c], end);
          used = std::max(used, lines[end - 1].bottom - lines[at[c]].top);
        }
        at[c] = end;
        more = more || end < lines.size();
      }
      if (more) {
        pages.next();
        put_header();
      } else {
        end_row(used + 2 * padding_);
      }
    }
  }

  void put_sums() {
    auto& pages = desk_.pages;
    if (sums_.empty()) return;
    pages.y += 8;
    for (const auto& sum : sums_) {
      pages.need(sum.height);
      const auto left = kRight - kSums;
      if (sum.strong) pages.rule(left, kRight, pages.y + 1, 0.9, desk_.palette.accent);
      const auto top = pages.y + (sum.strong ? 8 : 3);
      pages.text(sum.label, left, top + (sum.strong ? 2.6 : 0), sum.strong ? kInk : kGrey);
      pages.text(sum.amount, left, top, sum.strong ? desk_.palette.text : kInk);
      pages.y += sum.height;
    }
  }

  static constexpr double kSums = 250;

  const Desk& desk_;
  const Table& table_;
  std::size_t index_;
  double padding_;  ///< above and below a row: closer where there are many
  double sums_height_ = 0;
  Row header_;
  std::vector<Row> rows_;
  std::vector<double> widths_, left_;
  std::vector<SumRow> sums_;
};

}  // namespace

void compose_table(const Desk& desk, std::size_t index) { Setter(desk, index).compose(); }

}  // namespace steward::pdf
