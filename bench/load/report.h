// How a measurement is told: a table for people, JSON for programs. Pure.

#ifndef LIVECOUNTER_BENCH_LOAD_REPORT_H_
#define LIVECOUNTER_BENCH_LOAD_REPORT_H_

#include <string>

#include "bench/load/measurement.h"

namespace livecounter::bench {

std::string ToTable(const Result& result);

// One object, indented, with a line end.
std::string ToJson(const Result& result);

}  // namespace livecounter::bench

#endif  // LIVECOUNTER_BENCH_LOAD_REPORT_H_
