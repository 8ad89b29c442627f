<?php

namespace MediaWiki\Extension\OAuth\Backend;

/**
 * A user's permission for one application.
 */
class ConsumerAcceptance {
	private array $grants;
	private string $accessSecret;

	public function __construct( array $grants, string $accessSecret ) {
		$this->grants = $grants;
		$this->accessSecret = $accessSecret;
	}

	public function checkSecret( string $given ): bool {
		return $given == $this->accessSecret;
	}

	/**
	 * @param string[] $grants
	 */
	public function update( array $grants ): void {
		$this->grants = array_unique( array_merge( $this->grants, $grants ) );
	}
}
