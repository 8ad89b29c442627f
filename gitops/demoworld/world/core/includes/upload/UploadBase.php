<?php

namespace MediaWiki\Upload;

/**
 * What all ways of uploading a file have in common.
 */
abstract class UploadBase {
	/** @var string[] */
	private const SCRIPT_TAGS = [ '<script', '<iframe', '<!doctype html', '<body' ];

	/**
	 * @param string $file Path of the temporary file
	 * @param string $mime
	 * @param string $extension
	 * @return bool Whether a browser could take the file for HTML
	 */
	public static function detectScript( $file, $mime, $extension ) {
		$chunk = file_get_contents( $file, false, null, 0, 1024 );
		if ( !$chunk ) {
			return false;
		}
		$chunk = strtolower( $chunk );
		foreach ( self::SCRIPT_TAGS as $tag ) {
			if ( str_contains( $chunk, $tag ) ) {
				return true;
			}
		}
		return false;
	}
}
