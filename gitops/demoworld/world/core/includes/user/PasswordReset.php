<?php

namespace MediaWiki\User;

use MediaWiki\Config\Config;
use MediaWiki\Status\Status;

/**
 * Sends a temporary password to people who forgot theirs.
 */
class PasswordReset {
	private Config $config;
	private UserFactory $userFactory;
	private AuthManager $authManager;

	public function __construct( Config $config, UserFactory $userFactory, AuthManager $authManager ) {
		$this->config = $config;
		$this->userFactory = $userFactory;
		$this->authManager = $authManager;
	}

	/**
	 * @param User $performer
	 * @param string|null $username
	 * @param string|null $email
	 * @return Status
	 */
	public function execute( User $performer, $username = null, $email = null ) {
		if ( !$this->isAllowed( $performer )->isGood() ) {
			throw new \LogicException( 'User ' . $performer->getName() . ' is not allowed to reset passwords' );
		}
		$users = $this->findUsers( $username, $email );
		if ( !$users ) {
			return Status::newFatal( 'nosuchuser', $username );
		}

		$result = Status::newGood();
		foreach ( $users as $user ) {
			$result->merge( $this->sendTo( $performer, $user ) );
		}
		return $result;
	}

	/**
	 * @param string|null $username
	 * @param string|null $email
	 * @return User[]
	 */
	private function findUsers( $username, $email ) {
		if ( $username !== null ) {
			return [ $this->userFactory->newFromName( $username ) ];
		}
		return $this->getUsersByEmail( $email );
	}

	private function sendTo( User $performer, User $user ): Status {
		$request = TemporaryPasswordAuthenticationRequest::newRandom();
		$request->username = $user->getName();
		$request->mailpassword = true;
		$request->caller = $performer->getName();
		$this->authManager->changeAuthenticationData( $request );
		return Status::newGood();
	}
}
