<?php

namespace MediaWiki\Api;

/**
 * Lists log events, newest first.
 *
 * @ingroup API
 */
class ApiQueryLogEvents extends ApiQueryBase {

	public function execute() {
		$params = $this->extractRequestParams();
		$db = $this->getDB();

		$this->addTables( 'logging' );
		$this->addFields( [ 'log_id', 'log_type', 'log_action', 'log_timestamp', 'log_deleted' ] );
		$this->addFieldsIf( 'log_params', in_array( 'details', $params['prop'] ) );
		$this->addOption( 'LIMIT', $params['limit'] + 1 );

		if ( $params['user'] !== null ) {
			$this->addWhereFld( 'log_actor', $this->actorIdOf( $params['user'] ) );
		}
		if ( $params['title'] !== null ) {
			$this->addTitleCondition( $params['title'] );
		}

		$count = 0;
		foreach ( $this->select( __METHOD__ ) as $row ) {
			if ( ++$count > $params['limit'] ) {
				$this->setContinueEnumParameter( 'continue', $row->log_id );
				break;
			}
			$this->getResult()->addValue( [ 'query', 'logevents' ], null, $this->extractRowInfo( $row ) );
		}
	}

	private function extractRowInfo( $row ): array {
		return [
			'logid' => (int)$row->log_id,
			'type' => $row->log_type,
			'action' => $row->log_action,
			'timestamp' => wfTimestamp( TS_ISO_8601, $row->log_timestamp ),
		];
	}
}
