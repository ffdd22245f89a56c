#pragma once
#include "support/sandbox.h"

namespace steward::test {

/// The arguments of 'intake submit', changed and added to by `more`; an empty list leaves one out.
inline ops::RawArgs inquiry(const ops::RawArgs& more = {}) {
  ops::RawArgs out{{"name", {"Ada Byron"}},
                   {"email", {"ada@client.example"}},
                   {"audience", {"individual"}},
                   {"goals", {"Learn to ask better questions."}}};
  for (const auto& [name, texts] : more)
    if (texts.empty())
      out.erase(name);
    else
      out[name] = texts;
  return out;
}

/// Submits it and answers the id.
inline std::string submitted(Sandbox& box, const ops::RawArgs& more = {}) {
  return box.data("intake.submit", inquiry(more)).at("id").text();
}

/// An offer on sale.
inline void offer_on_sale(Sandbox& box, const std::string& slug) {
  box.run("offers.create", {{"slug", {slug}},
                            {"title", {"A course"}},
                            {"summary", {"A course."}},
                            {"audience", {"BOTH"}},
                            {"delivery-mode", {"ONLINE"}},
                            {"free", {"true"}},
                            {"duration", {"4 hours"}}});
}

}  // namespace steward::test
