#include "CPSL.h"

const char *landfall_psl_registrable_domain(const char *name) {
    return psl_registrable_domain(psl_builtin(), name);
}

int landfall_psl_lists_icann(const char *name) {
    return psl_is_public_suffix2(psl_builtin(), name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

int landfall_psl_lists(const char *name) {
    return psl_is_public_suffix2(psl_builtin(), name, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}
