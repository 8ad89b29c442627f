package demoworld

const (
	highlighter = "includes/search/SearchHighlighter.php"
	reset       = "includes/user/PasswordReset.php"
	resetMoved  = "includes/auth/PasswordReset.php"
	logEvents   = "includes/api/ApiQueryLogEvents.php"
	sanitizer   = "includes/parser/Sanitizer.php"
	upload      = "includes/upload/UploadBase.php"
)

func core() repository {
	return repository{
		component: "core", name: "core", folder: "core",
		fixes: coreFixes(),
		toLast: []change{
			{author: carol, daysAgo: 12, hour: 14, subject: "api: Say which user acted in list=logevents", edits: []edit{{
				path: logEvents,
				old:  "			'timestamp' => wfTimestamp( TS_ISO_8601, $row->log_timestamp ),\n",
				new:  "			'timestamp' => wfTimestamp( TS_ISO_8601, $row->log_timestamp ),\n			'actor' => (int)$row->log_actor,\n",
			}}},
			{author: jonas, daysAgo: 10, hour: 9, subject: "Document what detectScript returns", edits: []edit{{
				path: upload,
				old:  "	/**\n	 * @param string $file",
				new:  "	/**\n	 * Browsers look at the first bytes and not at the extension: so do we.\n	 *\n	 * @param string $file",
			}}},
		},
		toCurrent: []change{
			{
				author: carol, daysAgo: 6, hour: 10, subject: "search: Mark words on the whole line before cutting it",
				body: "A match behind the cut was never marked. Cut the marked line with the HTML\naware truncation instead.",
				edits: []edit{{
					path: highlighter,
					old:  "		$line = $this->contentLanguage->truncateForVisual( $line, self::DEFAULT_CONTEXT_CHARS );\n		$marked = preg_replace( $pattern, '<span class=\"searchmatch\">$1</span>', $line );\n		return '<p>' . $marked . '</p>';\n",
					new:  "		$marked = preg_replace( $pattern, '<mark class=\"searchmatch\">$1</mark>', $line );\n		$marked = $this->contentLanguage->truncateHtml( $marked, self::DEFAULT_CONTEXT_CHARS );\n		return '<p class=\"searchresult\">' . $marked . '</p>';\n",
				}},
			},
			{
				author: jonas, daysAgo: 5, hour: 15, subject: "Move PasswordReset to includes/auth",
				edits: []edit{{path: reset, renameTo: resetMoved, old: "namespace MediaWiki\\User;", new: "namespace MediaWiki\\Auth;"}},
			},
			{
				author: sam, daysAgo: 4, hour: 11, subject: "SECURITY: Sanitizer: Decode CSS escapes before looking for expressions",
				body:  "\\65xpression() passed the check and ran in old browsers.\n\nBug: T397455",
				edits: []edit{decodeEscapes},
			},
			{author: translators, daysAgo: 1, hour: 20, subject: "Localisation updates", edits: []edit{{
				path: "README.md",
				old:  "Not a program that runs.\n", new: "Not a program that runs.\nTranslated by many.\n",
			}}},
		},
	}
}

var decodeEscapes = edit{
	path: sanitizer,
	old:  "		$value = html_entity_decode( $value, ENT_QUOTES, 'UTF-8' );\n",
	new:  "		$value = html_entity_decode( $value, ENT_QUOTES, 'UTF-8' );\n		$value = preg_replace_callback( '/\\\\\\\\([0-9a-f]{1,6})\\s?/i', static fn ( $m ) => mb_chr( hexdec( $m[1] ) ), $value );\n",
}

func coreFixes() []fix {
	return []fix{
		{"T389961", change{
			author: lee, daysAgo: 138, hour: 16, subject: "SECURITY: Hide suppressed log entries from list=logevents",
			body: "Whoever could list log events could read entries that were suppressed.\n\nBug: T389961",
			edits: []edit{{
				path: logEvents,
				old:  "		if ( $params['title'] !== null ) {\n",
				new:  "		if ( !$this->getAuthority()->isAllowed( 'suppressionlog' ) ) {\n			$this->addWhere( $db->bitAnd( 'log_deleted', LogPage::SUPPRESSED_ACTION ) . ' = 0' );\n		}\n		if ( $params['title'] !== null ) {\n",
			}},
		}},
		{"T397455", change{
			author: sam, daysAgo: 61, hour: 12, subject: "SECURITY: Sanitizer: Decode CSS escapes before looking for expressions",
			body:  "\\65xpression() passed the check and ran in old browsers.\n\nBug: T397455",
			edits: []edit{decodeEscapes},
		}},
		{"T398117", change{
			author: sam, daysAgo: 44, hour: 9, subject: "SECURITY: Look for scripts in the whole head of an upload",
			body: "1024 bytes of padding hid a script from us, not from browsers.\n\nBug: T398117",
			edits: []edit{{
				path: upload,
				old:  "		$chunk = file_get_contents( $file, false, null, 0, 1024 );\n",
				new:  "		$chunk = file_get_contents( $file, false, null, 0, 65536 );\n",
			}},
		}},
		{"T400871", change{
			author: priya, daysAgo: 26, hour: 18, subject: "SECURITY: Do not tell whether an account exists when a password is reset",
			body: "The error message named accounts that do not exist.\n\nBug: T400871",
			edits: []edit{{
				path: reset,
				old:  "			return Status::newFatal( 'nosuchuser', $username );\n",
				new:  "			// The same answer as for an account that exists.\n			return Status::newGood();\n",
			}},
		}},
		{"T401234", change{
			author: priya, daysAgo: 19, hour: 8, subject: "SECURITY: Escape the line before marking search terms",
			body: "Text of a page was shown as HTML in search results: anybody who could edit\na page could run a script for anybody who searched.\n\nBug: T401234",
			edits: []edit{
				{
					path: highlighter,
					old:  "		$marked = preg_replace( $pattern, '<span class=\"searchmatch\">$1</span>', $line );\n",
					new:  "		$line = $this->escapeLine( $line );\n		$marked = preg_replace( $pattern, '<span class=\"searchmatch\">$1</span>', $line );\n",
				},
				{path: highlighter, old: removeWiki, new: escapeLine + removeWiki},
			},
		}},
		{"T401590", change{
			author: lee, daysAgo: 17, hour: 13, subject: "SECURITY: Bound the time that marking search terms may take",
			body: "A long line made the regular expression run for minutes.\n\nBug: T401590",
			edits: []edit{
				{
					path: highlighter,
					old:  "		return htmlspecialchars( $line, ENT_QUOTES );\n",
					new:  "		return htmlspecialchars( mb_strcut( $line, 0, self::MAX_LINE ), ENT_QUOTES );\n",
				},
				{
					path: highlighter,
					old:  "	private const DEFAULT_CONTEXT_CHARS = 75;\n",
					new:  "	private const DEFAULT_CONTEXT_CHARS = 75;\n	private const MAX_LINE = 10000;\n",
				},
			},
		}},
	}
}

// removeWiki is where a method of SearchHighlighter begins, escapeLine the method
// that T401234 puts before it and T401590 changes.
const (
	removeWiki = "	/**\n	 * @param string $text\n	 * @return string\n	 */\n	private function removeWiki"
	escapeLine = "	/**\n	 * @param string $line\n	 * @return string HTML\n	 */\n	private function escapeLine( $line ) {\n		return htmlspecialchars( $line, ENT_QUOTES );\n	}\n\n"
)
