# shellcheck shell=bash
# Sourced by .ci/run and tools/full: runs named steps one after the other, all of them even when one
# fails, each within what is left of the time, and tells at the end how each went.
#
#   steps_begin MINUTES          all steps together may take that long
#   step NAME MINUTES COMMAND…   runs it with its output in build/steps/NAME.log as well; SKIPPED, and
#                                said so, when fewer than MINUTES are left. Where MINUTES is not 0, a
#                                step that the time ends is told as OUT OF TIME, and not as failed
#   steps_end                    prints the table; fails when a step failed
#   steps_completeness           prints whether every step was run to its end

steps_begin() {
  steps_deadline=$((SECONDS + 60 * $1))
  steps_table=()
  steps_cut=()
  steps_failed=false
  mkdir -p build/steps
}

step() {
  local name=$1 needed=$2 started=$SECONDS left result
  shift 2
  left=$((steps_deadline - SECONDS))
  if ((left < 60 * needed)); then
    result="SKIPPED: $((left / 60)) min left, it may take $needed"
    steps_cut+=("$name")
  else
    printf '\n##### %s: %s\n' "$name" "$*"
    if timeout --kill-after=10 "$left" "$@" </dev/null 2>&1 | tee "build/steps/$name.log"; then
      result=ok
    elif ((needed > 0 && SECONDS - started >= left)); then
      result="OUT OF TIME: not finished after $((left / 60)) min, and nothing is known of the rest"
      steps_cut+=("$name")
    else
      result=FAILED
      steps_failed=true
    fi
  fi
  steps_table+=("$(printf '%-10s %6d s   %s' "$name" $((SECONDS - started)) "$result")")
}

# What ctest said last in a step, if it ran at all.
steps_ctest_closing() {
  grep -hE '^[0-9]+% tests passed|^Total Test time' "build/steps/$1.log" 2>/dev/null | tail -n 2 || true
}

steps_print() {
  printf '%s\n' "${steps_table[@]}"
}

steps_completeness() {
  if ((${#steps_cut[@]} == 0)); then
    echo "complete: all steps in $((SECONDS / 60)) min"
  else
    echo "INCOMPLETE for lack of time: ${steps_cut[*]}"
  fi
}

steps_end() {
  printf '\n##### summary\n'
  steps_print
  if $steps_failed; then return 1; fi
}
