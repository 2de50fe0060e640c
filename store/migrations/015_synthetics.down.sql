DROP VIEW arrivals_synthetics_mv;
DROP VIEW synthetic_results;
