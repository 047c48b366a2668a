#pragma once
#include <stdbool.h>
#include <ldns/ldns.h>
