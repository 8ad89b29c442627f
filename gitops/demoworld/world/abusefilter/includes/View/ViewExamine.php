<?php

namespace MediaWiki\Extension\AbuseFilter\View;

/**
 * Shows what a filter would have done to a past change.
 */
class ViewExamine extends AbuseFilterView {

	public function show() {
		$out = $this->getOutput();
		$out->setPageTitleMsg( $this->msg( 'abusefilter-examine' ) );
		$logId = $this->getRequest()->getInt( 'log' );
		if ( $logId ) {
			$this->showExaminerForLogEntry( $logId );
		} else {
			$this->showSearch();
		}
	}

	private function showExaminerForLogEntry( int $logId ): void {
		$row = $this->loadLogRow( $logId );
		if ( !$row ) {
			$this->getOutput()->addWikiMsg( 'abusefilter-examine-notfound' );
			return;
		}
		$vars = $this->variablesBlobStore->loadVarDump( $row );
		$this->showExaminer( $vars );
	}
}
