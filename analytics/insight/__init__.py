"""What numbers mean: findings, words, judgement."""
