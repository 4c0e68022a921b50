// What a person sees while a run goes on: on a terminal one line that is rewritten in place and
// erased at the end, else a plain line now and then.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>

namespace fedhash::scenarios::report {

class StatusLine {
  public:
    /// `columns` gives the width of the terminal, asked at each drawing because people resize
    /// windows; 0 = no terminal.
    StatusLine(std::ostream& out, std::function<std::size_t()> columns);
    /// Standard error; not live when TERM is "dumb", which cannot rewrite a line.
    static StatusLine on_stderr();
    ~StatusLine();
    StatusLine(const StatusLine&) = delete;
    StatusLine& operator=(const StatusLine&) = delete;

    /// Progress within a step ("round 3: 512 of 6,040 users"). On a terminal only.
    void progress(const std::string& text);

    /// A step that is over ("round 3 of 10, NDCG@10 0.312"). Rewritten on a terminal, otherwise a
    /// line that stays.
    void step(const std::string& text);

    /// A line that stays anywhere: a loss, a notice. The live line comes back below it.
    void say(const std::string& text);

    /// Erases the live line; the next call draws it again. The destructor does this.
    void erase();

  private:
    void draw(const std::string& text, std::size_t columns);

    std::ostream& out_;
    std::function<std::size_t()> columns_;
    std::string shown_;  // empty: there is no live line
};

}  // namespace fedhash::scenarios::report
