<?php

namespace MediaWiki\Search;

use MediaWiki\Language\Language;

/**
 * Cuts the lines that match out of a page and marks the matching words.
 */
class SearchHighlighter {
	private const DEFAULT_CONTEXT_LINES = 2;
	private const DEFAULT_CONTEXT_CHARS = 75;

	private Language $contentLanguage;
	private bool $cleanWikitext;

	public function __construct( Language $contentLanguage, bool $cleanWikitext = true ) {
		$this->contentLanguage = $contentLanguage;
		$this->cleanWikitext = $cleanWikitext;
	}

	/**
	 * @param string $text Wikitext of the page
	 * @param string[] $terms Search terms, escaped for use in a regular expression
	 * @param int $contextLines
	 * @return string HTML
	 */
	public function highlightText( $text, array $terms, $contextLines = self::DEFAULT_CONTEXT_LINES ) {
		if ( $text === '' || !$terms ) {
			return '';
		}
		if ( $this->cleanWikitext ) {
			$text = $this->removeWiki( $text );
		}

		$snippets = [];
		foreach ( explode( "\n", $text ) as $line ) {
			if ( count( $snippets ) >= $contextLines ) {
				break;
			}
			if ( preg_match( '/' . implode( '|', $terms ) . '/iu', $line ) ) {
				$snippets[] = $this->markLine( $line, $terms );
			}
		}
		return implode( "\n", $snippets );
	}

	/**
	 * @param string $line
	 * @param string[] $terms
	 * @return string HTML
	 */
	private function markLine( $line, array $terms ) {
		$pattern = '/(' . implode( '|', $terms ) . ')/iu';
		$line = $this->escapeLine( $line );
		$marked = preg_replace( $pattern, '<mark class="searchmatch">$1</mark>', $line );
		$marked = $this->contentLanguage->truncateHtml( $marked, self::DEFAULT_CONTEXT_CHARS );
		return '<p class="searchresult">' . $marked . '</p>';
	}

	/**
	 * @param string $line
	 * @return string HTML
	 */
	private function escapeLine( $line ) {
		return htmlspecialchars( $line, ENT_QUOTES );
	}

	/**
	 * @param string $text
	 * @return string
	 */
	private function removeWiki( $text ) {
		$text = preg_replace( "/'{2,5}/", '', $text );
		$text = preg_replace( '/\[\[([^|\]]+\|)?([^\]]+)\]\]/', '$2', $text );
		return preg_replace( '/<\/?[^>]+>/', '', $text );
	}
}
