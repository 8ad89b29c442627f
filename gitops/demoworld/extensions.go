package demoworld

func abuseFilter() repository {
	const checker, examine, logs = "includes/Parser/RuleChecker.php", "includes/View/ViewExamine.php", "includes/Api/QueryLogs.php"
	return repository{
		component: "extensions/AbuseFilter", name: "AbuseFilter", folder: "abusefilter",
		fixes: []fix{
			{"T399204", change{
				author: lee, daysAgo: 33, hour: 10, subject: "SECURITY: Check the right to see private filters before examining a hit",
				body: "Bug: T399204",
				edits: []edit{{
					path: examine,
					old:  "		$vars = $this->variablesBlobStore->loadVarDump( $row );\n",
					new:  "		if ( !$this->afPermissionManager->canSeeLogDetailsForFilter( $this->getAuthority(), $row->afl_filter_id ) ) {\n			throw new PermissionsError( 'abusefilter-log-private' );\n		}\n		$vars = $this->variablesBlobStore->loadVarDump( $row );\n",
				}},
			}},
			{"T399204-2", change{
				author: lee, daysAgo: 32, hour: 11, subject: "SECURITY: Show the addresses of filter hits to those only who may see them",
				body: "Bug: T399204",
				edits: []edit{{
					path: logs,
					old:  "			if ( in_array( 'ip', $params['prop'] ) ) {\n",
					new:  "			if ( in_array( 'ip', $params['prop'] ) && $this->canSeeAddresses() ) {\n",
				}},
			}},
			{"T400012", change{
				author: sam, daysAgo: 29, hour: 9, subject: "SECURITY: Bound backtracking of filter expressions",
				body: "Bug: T400012",
				edits: []edit{{
					path: checker,
					old:  "		$result = preg_match( \"/$pattern/u\", $subject );\n",
					new:  "		$result = preg_match( \"/(*LIMIT_MATCH=100000)$pattern/u\", $subject );\n",
				}},
			}},
		},
		toLast: []change{{author: carol, daysAgo: 9, hour: 17, subject: "Say that list=abuselog only reads", edits: []edit{{
			path: logs,
			old:  "	public function execute() {\n",
			new:  "	public function isReadMode() {\n		return true;\n	}\n\n	public function execute() {\n",
		}}}},
		toCurrent: []change{{author: jonas, daysAgo: 3, hour: 13, subject: "RuleChecker: Say what the class is for, and keep a count per rule", edits: []edit{{
			path: checker,
			old:  " * Evaluates the rules of a filter against one action.\n",
			new:  " * Evaluates the rules of a filter against one action.\n *\n * One object serves one action; the conditions of all rules count together,\n * so that a filter cannot be split up to get around the limit.\n",
		}}}},
	}
}

func oauth() repository {
	const nonces, approve, acceptance = "src/Control/NonceStore.php", "src/Frontend/SpecialApprove.php", "src/Backend/ConsumerAcceptance.php"
	return repository{
		component: "extensions/OAuth", name: "OAuth", folder: "oauth",
		fixes: []fix{
			{"T400555", change{
				author: priya, daysAgo: 27, hour: 15, subject: "SECURITY: Compare access secrets in constant time",
				body: "Bug: T400555",
				edits: []edit{{
					path: acceptance,
					old:  "		return $given == $this->accessSecret;\n",
					new:  "		return hash_equals( $this->accessSecret, $given );\n",
				}},
			}},
			{"T401077", change{
				author: sam, daysAgo: 22, hour: 14, subject: "SECURITY: Compare the host of callbacks, not the start of the text",
				body: "https://good.example was taken for the start of https://good.example.evil.example.\n\nBug: T401077",
				edits: []edit{{
					path: approve,
					old:  "		if ( !str_starts_with( $callback, $consumer->getCallbackUrl() ) ) {\n",
					new:  "		if ( parse_url( $callback, PHP_URL_HOST ) !== parse_url( $consumer->getCallbackUrl(), PHP_URL_HOST ) ) {\n",
				}},
			}},
		},
		toLast: []change{{author: carol, daysAgo: 11, hour: 12, subject: "NonceStore: Keep nonces for ten minutes", edits: []edit{{
			path: nonces,
			old:  "LIFETIME = 300;", new: "LIFETIME = 600;",
		}}}},
		later: []fix{
			{AddedID, change{
				author: priya, daysAgo: 3, hour: 10, subject: "SECURITY: Remember nonces in one step",
				body: "Two requests at the same moment could use one nonce.\n\nBug: T402007",
				edits: []edit{{
					path: nonces,
					old:  "		if ( $this->cache->get( $key ) ) {\n			return true;\n		}\n		$this->cache->set( $key, $timestamp, self::LIFETIME );\n		return false;\n",
					new:  "		return !$this->cache->add( $key, $timestamp, self::LIFETIME );\n",
				}},
			}},
		},
		toCurrent: []change{{author: jonas, daysAgo: 2, hour: 16, subject: "Drop a needless blank line in SpecialApprove", edits: []edit{{
			path: approve,
			old:  "class SpecialApprove extends SpecialPage {\n\n", new: "class SpecialApprove extends SpecialPage {\n",
		}}}},
	}
}
