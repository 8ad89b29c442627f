<?php

namespace MediaWiki\Extension\OAuth\Frontend;

/**
 * Asks whether an application may act for the user.
 */
class SpecialApprove extends SpecialPage {

	public function execute( $subpage ) {
		$this->requireLogin();
		$consumer = Consumer::newFromKey( $this->db, $this->getRequest()->getVal( 'consumer' ) );
		if ( !$consumer || !$consumer->isUsableBy( $this->getUser() ) ) {
			throw new ErrorPageError( 'oauth-error', 'oauth-bad-consumer' );
		}
		$callback = $this->getRequest()->getVal( 'callback', $consumer->getCallbackUrl() );
		if ( !str_starts_with( $callback, $consumer->getCallbackUrl() ) ) {
			throw new ErrorPageError( 'oauth-error', 'oauth-callback-mismatch' );
		}
		$this->showForm( $consumer, $callback );
	}
}
