#pragma once
#include <libpsl.h>

/// The registrable domain of `name` by the public suffix list (https://publicsuffix.org) that libpsl was built with, a part
/// of `name` itself; null when it has none. `name` is in lower case and A-labels.
const char *landfall_psl_registrable_domain(const char *name);

/// Whether `name` itself is a public suffix that the list names; of a top-level domain that it does not know it is not.
int landfall_psl_lists(const char *name);

/// The same of the part of the list that ICANN's registries make: `co.uk` is in it, and `github.io` is not.
int landfall_psl_lists_icann(const char *name);
