<?php

namespace MediaWiki\Extension\OAuth\Control;

/**
 * Remembers nonces, so that a signed request cannot be sent twice.
 */
class NonceStore {
	private const LIFETIME = 300;

	private BagOStuff $cache;

	public function __construct( BagOStuff $cache ) {
		$this->cache = $cache;
	}

	/**
	 * @param string $consumerKey
	 * @param string $nonce
	 * @param int $timestamp
	 * @return bool Whether the nonce was seen before
	 */
	public function lookup( $consumerKey, $nonce, $timestamp ) {
		$key = $this->cache->makeKey( 'OAUTH', 'nonce', $consumerKey, $nonce );
		if ( $this->cache->get( $key ) ) {
			return true;
		}
		$this->cache->set( $key, $timestamp, self::LIFETIME );
		return false;
	}
}
