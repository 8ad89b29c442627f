<?php

namespace MediaWiki\Parser;

/**
 * Makes HTML that people wrote safe to show to others.
 */
class Sanitizer {
	private const ATTRIBUTES = [ 'id', 'class', 'lang', 'dir', 'title', 'style' ];

	/**
	 * @param string $value A style attribute
	 * @return string The same, or a comment if it could run a script
	 */
	public static function checkCss( $value ) {
		$value = self::normalizeCss( $value );
		if ( preg_match( '/[\000-\010\013\016-\037\177]/', $value ) ) {
			return '/* invalid control char */';
		}
		if ( preg_match( '! expression | accelerator\s*: | url\s*\( | image\s*\( !ix', $value ) ) {
			return '/* insecure input */';
		}
		return $value;
	}

	/**
	 * @param string $value
	 * @return string
	 */
	private static function normalizeCss( $value ) {
		$value = html_entity_decode( $value, ENT_QUOTES, 'UTF-8' );
		$value = preg_replace( '!/\*.*?\*/!s', ' ', $value );
		return str_replace( "\u{FF0D}", '-', $value );
	}

	/**
	 * @param array<string,string> $attribs
	 * @return array<string,string>
	 */
	public static function validateAttributes( array $attribs ) {
		$out = [];
		foreach ( $attribs as $name => $value ) {
			if ( !in_array( $name, self::ATTRIBUTES ) ) {
				continue;
			}
			$out[$name] = $name === 'style' ? self::checkCss( $value ) : $value;
		}
		return $out;
	}
}
