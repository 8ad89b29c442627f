<?php

namespace MediaWiki\Extension\AbuseFilter\Api;

/**
 * Lists the hits of filters.
 */
class QueryLogs extends ApiQueryBase {

	public function execute() {
		$params = $this->extractRequestParams();
		$this->addTables( 'abuse_filter_log' );
		$this->addFields( [ 'afl_id', 'afl_timestamp', 'afl_filter_id', 'afl_user_text', 'afl_ip' ] );

		foreach ( $this->select( __METHOD__ ) as $row ) {
			$entry = [ 'id' => (int)$row->afl_id, 'filter_id' => (int)$row->afl_filter_id ];
			if ( in_array( 'user', $params['prop'] ) ) {
				$entry['user'] = $row->afl_user_text;
			}
			if ( in_array( 'ip', $params['prop'] ) ) {
				$entry['ip'] = $row->afl_ip;
			}
			$this->getResult()->addValue( [ 'query', 'abuselog' ], null, $entry );
		}
	}
}
