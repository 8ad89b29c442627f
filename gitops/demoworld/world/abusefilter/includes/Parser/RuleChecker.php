<?php

namespace MediaWiki\Extension\AbuseFilter\Parser;

/**
 * Evaluates the rules of a filter against one action.
 */
class RuleChecker {
	private const CONDITION_LIMIT = 2000;

	private int $conditionsUsed = 0;

	/**
	 * @param string $pattern
	 * @param string $subject
	 * @return bool
	 */
	public function regexMatch( $pattern, $subject ) {
		$this->countCondition();
		$pattern = preg_replace( '!(\\\\\\\\)*(\\\\)?/!', '$1\/', $pattern );
		$result = preg_match( "/$pattern/u", $subject );
		if ( $result === false ) {
			throw new UserVisibleException( 'regexfailure', $pattern );
		}
		return (bool)$result;
	}

	/**
	 * @param string $haystack
	 * @param string[] $needles
	 * @return bool
	 */
	public function containsAny( $haystack, array $needles ) {
		foreach ( $needles as $needle ) {
			$this->countCondition();
			if ( $needle !== '' && str_contains( $haystack, $needle ) ) {
				return true;
			}
		}
		return false;
	}

	private function countCondition(): void {
		if ( ++$this->conditionsUsed > self::CONDITION_LIMIT ) {
			throw new ConditionLimitException( self::CONDITION_LIMIT );
		}
	}
}
