"""What a broker takes away from an analysis: card, matrix, questions, plan, memo, records."""
